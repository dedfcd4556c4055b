"""The config of a layer always has the same name.

What it does:
    Looks for `"name": "..."` in `get_config`, and for the name of the class in its place.

Why it matters:
    Every object of the class comes back under that name. Two of them in one model: loading raises `ValueError`, since
    the names of layers must be unique; one alone has lost the name that it was given.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Double(keras.layers.Layer):
        def call(self, x):
            return 2 * x

        def get_config(self):
            return {**super().get_config(), "name": "double"}

    model = keras.Sequential([keras.Input((3,)), Double(), Double()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Double(keras.layers.Layer):
        def call(self, x):
            return 2 * x

        def get_config(self):
            return super().get_config()

    model = keras.Sequential([keras.Input((3,)), Double(), Double()])

Fix safety:
    Safe where the config of the base class is there, which has the name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.arguments import Taking, takes
from kept.source.intent import saved_classes
from kept.source.kinds import Kind
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT130", __name__, Severity.WARNING, edit=Applicability.SAFE)
_NAMED = (Kind.LAYER, Kind.MODEL, Kind.METRIC, Kind.LOSS)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        entry = one.own_config.entries.get("name") if one.own_config else None
        if entry is None or one.kind not in _NAMED or not _is_constant(entry.value):
            continue
        if takes(one, "name") is not Taking.NAMED:
            continue
        layer = one.kind is Kind.LAYER
        yield RULE.finding(
            f"{one.name}.get_config returns the name {ast.unparse(entry.value)}, whatever the object is called",
            kind=one.name,
            location=subject.location(entry.node),
            stock="saves; load_model gives the name to every object, and raises ValueError where a model has two"
            if layer
            else "saves; after load_model the name that was given is gone, without a word",
            kept=KEEPS,
            fix=Fix("return self.name", '"name": self.name', Applicability.SAFE),
        )


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return ast.unparse(node) in ("self.__class__.__name__", "type(self).__name__")
