"""The file is called a model, or begins as one, and cannot be read to its end.

What it does:
    Reports files that no reader of kept can open: larger or deeper than `kept.limits` allows, of a newer version, of a
    format that needs a package which is not installed, or named `.keras` or `.h5` and something else in truth. A file
    whose judgement takes too long, or ends the process that judges it, is one of them.

Why it matters:
    What was not looked at was not found harmless, and a file may be made so that looking at it fails.

Example:
    from pathlib import Path

    Path("model.keras").write_bytes(b"neither a zip archive nor HDF5")

Use instead:
    from pathlib import Path

    Path("model.json").write_text('{"class_name": "Sequential", "config": {"name": "m", "layers": []}}')

Fix safety:
    There is no fix. A file that is larger than the limits, and that you expect to be, can be judged with your own
    `kept.Limits`: `kept.scan(path, limits=...)`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from kept.errors import CorruptFileError, ExpansionError, LimitExceededError, UnknownFormatError, UnsafeContentError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["NAMES", "RULE", "check"]

RULE = Rule("KPT302", __name__, Severity.WARNING)
NAMES = (".keras", ".h5", ".hdf5")


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if failure is None or isinstance(failure, (CorruptFileError, ExpansionError, UnsafeContentError)):
        return
    if isinstance(failure, UnknownFormatError) and not os.path.basename(subject.path).lower().endswith(NAMES):
        return
    severity = Severity.ERROR if isinstance(failure, LimitExceededError) else Severity.WARNING
    details = ", ".join(
        f"{word} {text}" for word, text in (("expected", failure.expected), ("found", failure.found)) if text
    )
    message = f"{failure.message} ({details})" if details else failure.message
    yield RULE.finding(message, where=tuple(filter(None, [failure.where])), severity=severity)
