"""Weights are not numbers, or infinite.

What it does:
    Reads every tensor and looks for NaN and infinity. What kept holds beside the weights is left out: a metric may
    begin with infinity.

Why it matters:
    One of them spreads through the whole model: outputs are NaN. A training that has diverged leaves such weights,
    and a save does not mind.

Example:
    import numpy as np

    np.savez("weights.npz", **{"layers/dense/vars/0": np.array([1.0, np.nan], "float32")})

Use instead:
    import numpy as np

    np.savez("weights.npz", **{"layers/dense/vars/0": np.array([1.0, 0.5], "float32")})

Fix safety:
    There is no fix: take the checkpoint before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT406", __name__, Severity.WARNING)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if subject.values is None:
        return
    found = subject.values()
    for what, paths in (("NaN", found.nan), ("infinite numbers", found.infinite)):
        if where := tuple(path for path in paths if not path.startswith("_kept/")):
            yield RULE.finding(f"holds {what}", where=where)
