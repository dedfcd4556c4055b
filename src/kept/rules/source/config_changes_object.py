"""`get_config` changes the object that it describes.

What it does:
    Looks for attributes that `get_config` assigns again, takes something out of, or adds something to.

Why it matters:
    Keras asks for the config at every save, and whenever a model is copied or printed. The first save is right; what
    was taken out is missing in the second one, and from the object itself.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.settings = {"factor": factor}

        def call(self, x):
            return self.settings.get("factor", 1.0) * x

        def get_config(self):
            return {**super().get_config(), "factor": self.settings.pop("factor", 1.0)}

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.settings = {"factor": factor}

        def call(self, x):
            return self.settings.get("factor", 1.0) * x

        def get_config(self):
            return {**super().get_config(), "factor": self.settings.get("factor", 1.0)}

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Fix safety:
    Unsafe: the change may have been meant. An assignment is left out, and `pop` becomes `get`; the rest is for a
    person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.classes import ClassModel
from kept.source.configs import Config
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.walking import nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT131", __name__, Severity.WARNING, edit=Applicability.UNSAFE)
_CHANGING = frozenset({"pop", "popitem", "clear", "remove", "append", "extend", "insert", "reverse"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        if one.own_config is None:
            continue
        for node, attribute in _changes(one, one.own_config):
            yield RULE.finding(
                f"{one.name}.get_config changes self.{attribute}",
                kind=one.name,
                location=subject.location(node),
                stock="saves; the next save, and the object itself, has something else, without a word",
                kept=KEEPS,
                fix=Fix("change a copy", f"copy.deepcopy(self.{attribute})", Applicability.UNSAFE),
            )


def _changes(one: ClassModel, config: Config) -> Iterator[tuple[ast.AST, str]]:
    """Nodes that change an attribute of the object, each with the name of the attribute."""
    own_name = [each.arg for each in [*config.node.args.posonlyargs, *config.node.args.args]][:1]
    aliases = dict(_aliases(config.node, own_name))
    held = {stored.attribute for _, constructor in one.constructors for stored in constructor.stored}
    for node in nodes(config.node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            attribute = _attribute(node.func.value, own_name, aliases)
        elif isinstance(node, ast.AugAssign):
            attribute = _attribute(node.target, own_name, {})
        elif isinstance(node, ast.Delete):
            attribute = next((name for to in node.targets if (name := _below(to, own_name, aliases))), "")
        elif isinstance(node, ast.Assign):
            attribute = next((name for to in node.targets if (name := _attribute(to, own_name, {}))), "")
            attribute = attribute if attribute in held and not _is_same(node.value, attribute) else ""
        else:
            continue
        if attribute:
            yield node, attribute


def _attribute(node: ast.expr, own_name: list[str], aliases: dict[str, str]) -> str:
    """`x` of `self.x`, also where a variable stands for it."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and [node.value.id] == own_name:
        return node.attr
    return aliases.get(node.id, "") if isinstance(node, ast.Name) else ""


def _below(node: ast.expr, own_name: list[str], aliases: dict[str, str]) -> str:
    owner = node.value if isinstance(node, ast.Subscript) else node
    return _attribute(owner, own_name, aliases) if owner is not node else _attribute(owner, own_name, {})


def _aliases(node: ast.AST, own_name: list[str]) -> Iterator[tuple[str, str]]:
    """Variables that are assigned once, and an attribute."""
    assigned = [each for each in nodes(node) if isinstance(each, ast.Assign)]
    targets = [to.id for each in assigned for to in each.targets if isinstance(to, ast.Name)]
    for each in assigned:
        attribute = _attribute(each.value, own_name, {})
        for to in each.targets:
            if attribute and isinstance(to, ast.Name) and targets.count(to.id) == 1:
                yield to.id, attribute


def _is_same(node: ast.expr, attribute: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == attribute
