"""The file is a pickle, or holds one.

What it does:
    Reports pickles by their content, whatever they are called: those of Python, compressed ones as joblib writes them,
    archives of `torch.save`, arrays of objects in `.npy` and `.npz`.

Why it matters:
    A pickle is a program. Whoever reads it runs it, and no way of reading it makes that safe.

Example:
    import pickle
    from pathlib import Path

    Path("model.keras").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))

Use instead:
    import numpy as np

    np.savez("weights.npz", **{"vars/0": np.array([1.0, 2.0])})

Fix safety:
    There is no fix: ask the one who made the file for one of numbers, as `.safetensors` or `.weights.h5`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import PickledDataError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT331", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, PickledDataError):
        yield RULE.finding(failure.message, where=tuple(filter(None, [failure.where])))
