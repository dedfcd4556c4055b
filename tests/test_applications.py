"""Five of keras.applications come back as they were; `python -m tests.applications` does it for all of them."""

import pytest

from tests import applications
from tests.conftest import require_backend
from tests.runtime.conftest import laboratory
from tests.runtime.laboratory import Lab

__all__ = ["laboratory"]
SURVEY = "from tests import applications\n(result,) = applications.survey([name])\n"


@pytest.mark.parametrize("name", applications.FIVE)
def test_an_application_comes_back_as_it_was(laboratory, tmp_path, name):
    require_backend("torch")
    row = Lab(laboratory, "torch", tmp_path).here(SURVEY, name=name).result
    assert row["outcome"] in ("equal", "close")
    assert row["weights"] > 500_000
    assert list(row["alarms"]) == []
