"""Attributes that `get_config` reads, and that nothing sets."""

from __future__ import annotations

import ast

from kept.source.classes import ClassModel
from kept.source.uses import once, own
from kept.source.walking import nodes

__all__ = ["missing_attributes"]

_PLAIN_BASES = frozenset(
    {
        "keras.Layer", "keras.Model", "keras.Loss", "keras.Metric", "keras.Initializer", "keras.Regularizer",
        "keras.constraints.Constraint", "keras.optimizers.schedules.LearningRateSchedule",
    }
)  # fmt: skip
"""Classes of Keras that set no attribute beside those of their constructors."""


@once
def missing_attributes(one: ClassModel) -> dict[str, ast.AST]:
    """Attributes that the `get_config` of a class itself reads and nothing sets, with the place of the first reading.

    Below a class of Keras that does more than its base, only those that have the name of an argument are told.
    """
    if one.own_config is None or one.keras is None or not one.constructors or _is_dynamic(one):
        return {}
    arguments = set(one.constructors[0][1].named) - one.keras.keywords
    there = _attributes(one) | one.keras.attributes | one.keras.reserved | one.keras.methods | one.keras.keywords
    found: dict[str, ast.AST] = {}
    is_plain = one.keras.path in _PLAIN_BASES
    for node in nodes(one.own_config.node):
        name = own(node)
        known = name in arguments or (is_plain and not name.startswith("_"))  # Keras has private methods
        if name and known and name not in there:
            found.setdefault(name, node)
    return found


def _attributes(one: ClassModel) -> set[str]:
    """Names that a class or its ancestors in source define or assign, to whatever object."""
    found: set[str] = set()
    for each in one.lineage:
        found |= set(each.methods) | set(each.assigned)
        found |= {node.attr for node in nodes(each.node) if _is_stored(node) and isinstance(node, ast.Attribute)}
        found |= {node.name for node in nodes(each.node) if isinstance(node, ast.ClassDef)}
    return found


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)


def _is_dynamic(one: ClassModel) -> bool:
    """Whether attributes may be set by other means."""
    for each in one.lineage:
        if {"__getattr__", "__getattribute__", "__setattr__"} & set(each.methods):
            return True
        for node in nodes(each.node):
            if isinstance(node, ast.Name) and node.id in ("setattr", "vars", "locals"):
                return True
            if isinstance(node, ast.Attribute) and node.attr in ("__dict__", "__setattr__"):
                return True
    return False
