"""The file is built to be read in two ways, or to lead out of itself.

What it does:
    Reports what the readers of kept refuse because no writer of models makes it: archives with two members of one name,
    members that overlap or lead out of the folder, encryption, links, external storage, content before or behind.

Why it matters:
    What one program looks at is not what another program loads, or loading reads and writes files of the machine.

Example:
    import zipfile

    with zipfile.ZipFile("model.keras", "w") as archive:
        for name in ("metadata.json", "config.json", "config.json"):
            archive.writestr(name, "{}")

Use instead:
    import json
    import zipfile

    with zipfile.ZipFile("model.zip", "w") as archive:
        archive.writestr("notes.txt", "no model")

Fix safety:
    There is no fix: ask the one who made the file for another.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import PickledDataError, UnsafeContentError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT301", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, UnsafeContentError) and not isinstance(failure, PickledDataError):
        yield RULE.finding(failure.message, where=tuple(filter(None, [failure.where])))
