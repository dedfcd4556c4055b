"""Five of keras.applications come back as they were; `python -m tests.applications` does it for all of them."""

import pytest

from tests import applications
from tests.conftest import require_backend
from tests.runtime.conftest import laboratory
from tests.runtime.laboratory import Lab

__all__ = ["laboratory"]
SURVEY = "from tests import applications\nresult = list(applications.survey(names))\n"


@pytest.fixture(scope="module")
def rows(laboratory, tmp_path_factory):
    require_backend("torch")
    lab = Lab(laboratory, "torch", tmp_path_factory.mktemp("applications"))
    return {row["name"]: row for row in lab.here(SURVEY, names=applications.FIVE).result}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", applications.FIVE)
def test_an_application_comes_back_as_it_was(rows, name):
    assert rows[name]["outcome"] in ("equal", "close")
    assert rows[name]["weights"] > 500_000
