"""The file calls one class or function by names that contradict each other.

What it does:
    Compares the names of each object in a config: class, module, registered name, and what kept's record says of it. A
    class of Keras has no registered name of somebody else, and one registered name is that of one class.

Why it matters:
    Keras asks for the registered name first, and a person, or a scanner, reads the module and the class: what is looked
    at is then not what is loaded (CVE-2025-9906 among others).

Example:
    import json
    from pathlib import Path

    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": "acme>Other"}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [dense]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [dense]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix: no program that saves models writes such a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.demands import recorded
from kept.rules.positions import Placed, survey
from kept.rules.subject import FileSubject
from kept.tree.nodes import Form

__all__ = ["RULE", "check"]

RULE = Rule("KPT305", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    objects = [one for one in survey(subject).objects if one.form in (Form.OBJECT, Form.FUNCTION)]
    for placed in objects:
        if said := _disagreement(placed):
            yield RULE.finding(said, where=(placed.node.path,), kind=placed.name)
    for placed in survey(subject).objects:
        if placed.form is Form.VALUE and placed.node.registered_name not in ("", "kept>Value"):
            said = f"a value of kept has the registered name {placed.node.registered_name}"
            yield RULE.finding(said, where=(placed.node.path,), kind=placed.name)
    yield from _shared(one for one in objects if one.is_custom)
    yield from _against_record(subject, objects)


def _disagreement(placed: Placed) -> str:
    node = placed.node
    if not node.registered_name:
        return ""
    name = node.name if placed.form is Form.FUNCTION else node.class_name
    said = node.registered_name
    if said in (name, node.class_name):
        return ""
    bare = said.rpartition(">")[2]
    if placed.claims_keras and not (bare == name and said.partition(">")[0] in ("keras", *_packages(node.module))):
        return f"{placed.name} has the registered name {said}, which is not Keras's"
    if ">" not in said:
        return f"{placed.name} has the registered name {said}"
    return ""


def _packages(module: str) -> tuple[str, ...]:
    return (module.partition(".")[0],)


def _shared(custom: Iterator[Placed]) -> Iterator[Finding]:
    """Different classes under one registered name."""
    known: dict[tuple[str, Form], str] = {}
    for placed in custom:
        said = placed.node.registered_name
        if ">" not in said:
            continue
        name = known.setdefault((said, placed.form), placed.name)
        if name != placed.name and placed.node.module:
            message = f"{placed.name} and {name} have one registered name, {said}"
            yield RULE.finding(message, where=(placed.node.path,), kind=placed.name)


def _against_record(subject: FileSubject, objects: list[Placed]) -> Iterator[Finding]:
    """What kept's record says of a node, and what the node says."""
    known = recorded(subject)
    by_path = {one.node.path: one for one in objects} if known else {}
    for demand in known:
        for place in demand.places:
            placed = by_path.get(place)
            if placed is None:
                continue
            node = placed.node
            name = node.name if placed.form is Form.FUNCTION else node.class_name
            names = {demand.name, demand.registered_name, demand.registered_name.rpartition(">")[2]}
            if not names & {name, name.rpartition(">")[2], node.registered_name}:
                message = f"kept's record says {demand.import_path} of what the config calls {placed.name}"
                yield RULE.finding(message, where=(place,), kind=placed.name)
