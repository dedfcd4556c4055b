"""The file cannot be read.

What it does:
    Reports what the system does not let kept read: for want of permission, or because the disk is damaged.

Why it matters:
    What was not looked into was not found harmless.

Example:
    from pathlib import Path

    Path("model.keras").symlink_to("model.keras")

Use instead:
    from pathlib import Path

    Path("model.json").write_text('{"class_name": "Sequential", "config": {"name": "m", "layers": []}}')

Fix safety:
    There is no fix: change the permissions, or take another copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import UnknownFormatError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT410", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, UnknownFormatError) and isinstance(failure.__cause__, OSError):
        yield RULE.finding(failure.message)
