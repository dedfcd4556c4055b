"""`get_config` reads an attribute that nothing sets.

What it does:
    Looks for `self.units` in `get_config` where `units` is an argument of the constructor, and no method of the class
    or of its base classes assigns such an attribute.

Why it matters:
    Saving raises `AttributeError`, after the model has been trained.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Project(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(units)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((3,)), Project(4)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Project(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.dense = keras.layers.Dense(units)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((3,)), Project(4)])

Fix safety:
    Safe: the attribute was not there before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.classes import ClassModel
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.walking import nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT137", __name__, Severity.ERROR)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        if one.own_config is None or not one.constructors or one.keras is None or _is_dynamic(one):
            continue
        arguments = set(one.constructors[0][1].named) - one.keras.keywords
        there = _attributes(one) | one.keras.attributes | one.keras.reserved | one.keras.methods
        seen: set[str] = set()
        for node in nodes(one.own_config.node):
            name = _read(node)
            if name in arguments and name not in there and name not in seen:
                seen.add(name)
                yield RULE.finding(
                    f"{one.name}.get_config reads self.{name}, and nothing sets it",
                    kind=one.name,
                    location=subject.location(node),
                    stock=f"saving raises AttributeError: no attribute {name}",
                    kept=KEEPS,
                    fix=Fix("hold the argument in __init__", f"self.{name} = {name}", Applicability.SAFE),
                )


def _read(node: ast.AST) -> str:
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if own and isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) else ""


def _attributes(one: ClassModel) -> set[str]:
    """Names that a class or its ancestors in source define or assign, to whatever object."""
    found: set[str] = set()
    for each in one.lineage:
        found |= set(each.methods) | set(each.assigned)
        found |= {node.attr for node in nodes(each.node) if _is_stored(node) and isinstance(node, ast.Attribute)}
    return found


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)


def _is_dynamic(one: ClassModel) -> bool:
    """Whether attributes may be set by other means, or the class is held by others that set them."""
    for each in one.lineage:
        if {"__getattr__", "__getattribute__", "__setattr__"} & set(each.methods):
            return True
        for node in nodes(each.node):
            if isinstance(node, ast.Name) and node.id in ("setattr", "vars", "locals"):
                return True
            if isinstance(node, ast.Attribute) and node.attr in ("__dict__", "__setattr__"):
                return True
    return False
