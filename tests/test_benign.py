"""Nothing is found in ordinary models; `python -m tests.benign` saves more of them, in more ways."""

import pytest

from tests.benign import GROUPS
from tests.conftest import require_backend
from tests.runtime.conftest import laboratory
from tests.runtime.laboratory import Lab

__all__ = ["laboratory"]
SWEEP = """
from dataclasses import asdict
from tests import benign
result = asdict(benign.sweep(group, only, every))
"""
MANY = {"layers": 15, "parts": 15}
"""At least how many models there are in large groups: each fifth is saved here, in one way."""


@pytest.mark.parametrize("group", [name for name in GROUPS if name != "applications"])
def test_nothing_above_a_note_is_found_in_an_ordinary_model(laboratory, tmp_path, group):
    require_backend("torch")
    only, every = (["keras.keras"], 5) if group in MANY else ([], 1)
    tally = Lab(laboratory, "torch", tmp_path).here(SWEEP, group=group, only=only, every=every).result
    assert tally["alarms"] == []
    assert tally["files"] >= tally["models"] >= MANY.get(group, 5)
