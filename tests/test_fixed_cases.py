"""What mending makes of real-world cases: most of those whose fault stands in the source come back with plain Keras."""

import pytest

from . import cases, fixed_cases

pytestmark = pytest.mark.skipif(not cases.FOLDER.is_dir(), reason="the cases are not beside this repository")


@pytest.fixture(scope="module")
def found():
    return fixed_cases.everything()


@pytest.mark.timeout(900)
def test_at_least_nine_of_ten_faults_in_source_are_found(found):
    faulty = fixed_cases.visible(found)
    assert sum(bool(one.found) for one in faulty.values()) >= 0.9 * len(faulty)


def test_at_least_four_of_five_faults_in_source_are_mended_so_that_plain_keras_brings_the_model_back(found):
    faulty = fixed_cases.visible(found)
    assert sum(one.is_kept for one in faulty.values()) >= 0.8 * len(faulty)


def test_no_mended_case_becomes_worse(found):
    mended = {name: one for name, one in found.items() if one.stock == "ok" and one.outcome}
    broken = {name for name, one in mended.items() if not one.outcome.startswith("KEPT")}
    assert broken == set()


def test_the_table_is_up_to_date(found):
    assert fixed_cases.TABLE.read_text() == fixed_cases.table(found)
