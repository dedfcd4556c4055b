"""Holds the argument as it was given beside what is made of it, and returns that."""

from __future__ import annotations

import ast

from kept.findings import Finding
from kept.fixing.arguments import held_apart, with_plans
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel
from kept.source.constructor import How

__all__ = ["mend"]


_COPIES = ("list", "dict", "set")


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    changed = _changed(source, finding)
    for _, constructor in model.constructors:
        for stored in constructor.holds(changed):
            if len(stored.origin.names) == 1 and stored.origin.how is not How.DERIVED:
                (name,) = stored.origin.names
                found = held_apart(model, name, _copy(source, stored.value, name))
                source.replace(source.class_node(model), with_plans(source, model, {_key(model, name): found}))
                return
    raise Unmendable("which argument it holds cannot be told")


def _changed(source: Source, finding: Finding) -> str:
    """The attribute that is changed where a finding points."""
    node = source.at(finding, ast.Call, ast.Subscript, ast.Attribute)
    names = [one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and _is_own(one)]
    if not names:
        raise Unmendable("what is changed there is no attribute")
    return names[0]


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _key(model: ClassModel, name: str) -> str:
    if model.own_config is None or name not in model.own_config.entries:
        raise Unmendable("get_config does not return it under its own name")
    return name


def _copy(source: Source, value: ast.expr | None, name: str) -> str:
    """A copy of the argument, of the type that the attribute has."""
    called = getattr(value.func, "id", "") if isinstance(value, ast.Call) else ""
    if called in _COPIES:
        return f"{called}({name})"
    return f"{source.imports.name('copy.copy')}({name})"
