"""The file is in no format that kept knows.

What it does:
    Reports a file that no format recognises. Where its name is that of a model, that is an error.

Why it matters:
    What was not looked into was not found harmless. Something else than a model may be in it, or a model in a form
    that another reader knows.

Example:
    from pathlib import Path

    Path("model.keras").write_bytes(b"no archive")

Use instead:
    from pathlib import Path

    Path("model.json").write_text('{"class_name": "Sequential", "config": {"name": "m", "layers": []}}')

Fix safety:
    There is no fix.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import UnknownFormatError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT409", __name__, Severity.NOTE)
_NAMES = (".keras", ".h5", ".hdf5")


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, UnknownFormatError) and not isinstance(failure.__cause__, OSError):
        is_named = subject.path.lower().endswith(_NAMES)
        yield RULE.finding(failure.message, severity=Severity.ERROR if is_named else Severity.NOTE)
