"""Which rules speak up for which real-world case: every fault that a live model shows, and no others."""

import pytest

from . import cases, checked_cases

pytestmark = pytest.mark.skipif(not cases.FOLDER.is_dir(), reason="the cases are not beside this repository")
TRUE_ALL_THE_SAME = {
    "044_lambda_layer_safe_mode_off",  # loads only with safe_mode=False
    "061_class_unregistered", "062_class_in_main", "065_class_named_like_builtin",  # only with custom_objects
    "112_cosine_schedule_and_ema",  # Huber loses its delta, which shows where an error is above 1
    "124_text_vectorization_custom_standardize", "135_functional_python_callback_op",
    "193_registered_decorator_below_other_decorator", "194_subclass_overrides_call_same_registered_parent",
    "188_layer_in_weakref_cache_property",  # a counter of calls
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return checked_cases.everything()


def stock(word):
    return {name for name, outcome in checked_cases._stock().items() if (outcome == "ok") == (word == "ok")}


@pytest.mark.timeout(600)
def test_every_fault_that_is_in_the_live_model_is_found(found):
    assert {name for name in stock("wrong") - checked_cases.NOT_IN_THE_MODEL if not found[name]} == set()


def test_what_plain_keras_brings_back_is_found_only_where_it_needs_help_to(found):
    assert {name for name in stock("ok") if found[name]} == TRUE_ALL_THE_SAME


def test_no_check_ends_in_an_error(found):
    assert {name: rules for name, rules in found.items() if any("error" in rule for rule in rules)} == {}


def test_the_table_is_up_to_date(found):
    assert checked_cases.TABLE.read_text() == checked_cases.table(found)
