"""A newer kept wrote the file.

What it does:
    Reports a record whose format this version of kept does not know. The file is not looked into.

Why it matters:
    Plain Keras does not mind, and loads what nobody has looked at. A hostile file can claim any version.

Example:
    import json

    import h5py
    import numpy as np

    with h5py.File("model.weights.h5", "w") as file:
        file["_kept/record"] = np.frombuffer(json.dumps({"format": 99}).encode(), "uint8")

Use instead:
    import h5py
    import numpy as np

    with h5py.File("model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.ones((3, 2), "float32")

Fix safety:
    There is no fix: `pip install --upgrade kept`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import UnsupportedVersionError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT411", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, UnsupportedVersionError):
        yield RULE.finding(failure.message, where=tuple(filter(None, [failure.where])))
