"""A file that belongs to the model is missing.

What it does:
    Reports an index of shards whose shards are not all beside it, and the folder of a model that lacks a part.

Why it matters:
    An index or a config alone cannot be loaded. Files that belong together were not copied together.

Example:
    from pathlib import Path

    Path("model.weights.json").write_text(
        '{"metadata": {"total_size": 24}, "weight_map": {"/layers/dense/vars": "model_00000.weights.h5"}}'
    )

Use instead:
    from pathlib import Path

    import h5py
    import numpy as np

    Path("model.weights.json").write_text(
        '{"metadata": {"total_size": 24}, "weight_map": {"/layers/dense/vars": "model_00000.weights.h5"}}'
    )
    with h5py.File("model_00000.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.ones((3, 2), "float32")

Fix safety:
    There is no fix: copy all of them into one folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT407", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if failure is not None and subject.lacks_part:
        lost = [failure.where, *(problem.where for problem in failure.problems)]
        yield RULE.finding(failure.message, where=tuple(filter(None, lost)))
