"""Whatever a model is made of, it comes back as it was."""

import os

import pytest

from tests.conftest import require_backend
from tests.runtime.conftest import laboratory
from tests.runtime.laboratory import Lab

__all__ = ["laboratory"]
EXAMPLES = int(os.environ.get("KEPT_EXAMPLES", "60"))
SHARE = 20  # of one script; the laboratory ends one that takes too long
EXAMINE = """
from tests.property import models
result = models.examine_all(folder, examples, seed)
"""


@pytest.mark.timeout(3600)
def test_random_models_come_back_as_they_were(laboratory, tmp_path):
    """`KEPT_EXAMPLES=2000` looks at that many; each run of a share has a seed of its own, the same every time."""
    require_backend("torch")
    lab = Lab(laboratory, "torch", tmp_path)
    seen = [lab.here(EXAMINE, examples=SHARE, seed=number).result for number in range(EXAMPLES // SHARE)]
    assert sum(seen) >= EXAMPLES
