"""The file is cut or damaged.

What it does:
    Reports what contradicts itself: an end that is missing, lengths beyond the file, checksums that are wrong.

Why it matters:
    Plain Keras notices some of it, late, and not a flipped bit in weights: they load, and are not those that were
    saved.

Example:
    from pathlib import Path

    Path("model.keras").touch()

Use instead:
    from pathlib import Path

    Path("model.json").write_text('{"class_name": "Sequential", "config": {"name": "m", "layers": []}}')

Fix safety:
    There is no fix: take an older copy, or save again.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import CorruptFileError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT401", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, CorruptFileError) and not subject.lacks_part:
        yield RULE.finding(failure.message, where=tuple(filter(None, [failure.where])))
