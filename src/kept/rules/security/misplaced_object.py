"""A class or function is named where it does not belong.

What it does:
    Compares every class and function in the configs of a file with what Keras itself may put at that position: layers
    in `layers`, activations in `activation`, and nothing but numbers in `units`. What is not listed for a position, and
    is said to be Keras's own, Python's, or that of a library such as numpy, is reported.

Why it matters:
    Whoever writes the file chooses what is called while it is loaded. Keras has looked names up in any module in more
    than one release (CVE-2025-1550), and functions that download or read files are called as if they were activations.

Example:
    import json
    from pathlib import Path

    function = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"}
    dense = {"units": 2, "activation": function}
    layers = [{"module": "keras.layers", "class_name": "Dense", "config": dense, "registered_name": None}]
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    function = {"module": "keras.activations", "class_name": "function", "config": "relu", "registered_name": "relu"}
    dense = {"units": 2, "activation": function}
    layers = [{"module": "keras.layers", "class_name": "Dense", "config": dense, "registered_name": None}]
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix: no program that saves models writes such a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.codes import codes, is_computing
from kept.rules.demands import is_of_a_library, recorded
from kept.rules.positions import Placed, survey
from kept.rules.subject import FileSubject
from kept.source.slots import DATA, newest
from kept.tree.names import import_path
from kept.tree.nodes import Form

__all__ = ["RULE", "check"]

RULE = Rule("KPT303", __name__, Severity.ERROR)
_ELSEWHERE = frozenset({"code", "foreign", "package"})  # rules of their own tell of them
_POSITIONS = {"model": "a model", "layer": "a layer", "activation": "an activation", "initializer": "an initializer",
              "optimizer": "an optimizer", "any": "a part of a model", DATA: "a value",
              "learning_rate": "a learning rate", "dtype": "a dtype", "seed": "a seed"}  # fmt: skip


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    covered = {place for one in recorded(subject) for place in one.places if one.reference is not None}
    for placed in survey(subject).objects:
        if said := _wrong(placed, covered):
            yield RULE.finding(said, where=(placed.node.path,), kind=placed.name)
    for one in recorded(subject):
        if is_of_a_library(one.module) and one.reference is None:
            said = f"{one.import_path} is asked for as if it were code of a model"
            yield RULE.finding(said, where=one.places[:1] or ("kept.objects",), kind=one.import_path)
    for code in codes(subject):
        if code.tag in ("known", "module") and not is_computing(code):
            said = f"a value names {code.value or 'nothing'}, which does more than compute"
            yield RULE.finding(said, where=(code.path,), kind=code.value)


def _wrong(placed: Placed, covered: set[str]) -> str:
    node = placed.node
    if placed.known:
        if placed.table is not None and placed.table.allows(placed.slot, placed.known[0]):
            return ""
        groups = {one.group for one in placed.known}
        table = placed.table or newest()
        if groups & _ELSEWHERE or any(table.allows(placed.slot, one) for one in placed.known):
            return ""
        if groups == {"other"}:
            return f"{placed.name} is no part of a model"
        position = _POSITIONS.get(placed.slot, f"a {placed.slot}".replace("_", " "))
        return f"{placed.name} stands where {position} belongs"
    if placed.form is Form.FUNCTION and placed.claims_keras and not _may_be_newer(node.module):
        return f"{placed.name} is no function that Keras gives to models"
    if placed.is_custom and is_of_a_library(import_path(node).partition(":")[0]) and node.path not in covered:
        return f"{placed.name} is asked for as if it were code of a model"
    if placed.is_custom and node.module == "builtins" and placed.form is Form.OBJECT and node.path not in covered:
        return f"{placed.name} is asked for as if it were code of a model"
    if node.class_name == "__typespec__" and not _is_type_spec(node.module, node.text("spec_name")):
        return f"{node.module}.{node.text('spec_name')} is no type of a tensor"
    return ""


def _may_be_newer(module: str) -> bool:
    part = module.partition(".")[2].partition(".")[0]
    return part in ("activations", "losses", "metrics", "ops", "random")


def _is_type_spec(module: str, name: str) -> bool:
    return module.startswith("tensorflow.") and name.endswith("Spec") and name.isidentifier()
