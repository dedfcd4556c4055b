"""The file names a class of Keras that no known release has.

What it does:
    Reports classes and functions that are said to be Keras's own, and that are in none of the releases whose tables
    ship with kept; and those of `keras_hub` and the like, which come in packages of their own. In a file that says it
    was saved by a release newer than these it is a note.

Why it matters:
    It may be a class of a release that is to come, one that is long gone, or a name that somebody made up. Whether it
    may stand where it stands is not known, so it was not judged.

Example:
    import json
    from pathlib import Path

    layer = {"module": "keras.layers", "class_name": "Densest", "config": {"units": 2}, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    layer = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix. A newer kept may know the class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.codes import TAGS, codes
from kept.rules.positions import Placed, survey
from kept.rules.subject import FileSubject
from kept.source.slots import newest
from kept.tree.nodes import Form

__all__ = ["RULE", "check"]

RULE = Rule("KPT309", __name__, Severity.WARNING)
_LITERALS = frozenset(
    {"__bytes__", "__complex__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__"}
    | {"__tuple__", "__typespec__"}
)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    severity = Severity.NOTE if _is_newer(subject) else Severity.WARNING
    for placed in survey(subject).objects:
        if said := _unknown(placed):
            known = Severity.NOTE if placed.known else severity
            yield RULE.finding(said, where=(placed.node.path,), kind=placed.name, severity=known)
    for code in codes(subject):
        if code.tag not in TAGS:
            yield RULE.finding(f"a value of kept has the unknown tag {code.tag!r}", where=(code.path,))


def _unknown(placed: Placed) -> str:
    if placed.form is Form.LITERAL and placed.node.class_name not in _LITERALS:
        return f"{placed.node.class_name} is no value that Keras writes"
    if any(one.group == "package" for one in placed.known):
        return f"{placed.name} comes from {placed.node.module.partition('.')[0]}, a package of its own"
    if placed.claims_keras and not placed.known:
        return f"{placed.name} is in no release of Keras that kept knows, the newest of which is {newest().version}"
    return ""


def _is_newer(subject: FileSubject) -> bool:
    said = subject.artifact.metadata.get("keras_version") if subject.artifact is not None else None
    return isinstance(said, str) and _numbers(said) > _numbers(newest().version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d{1,9}", version)[:3]))
