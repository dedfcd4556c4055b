"""Writes a value that JSON cannot hold in a form that it can, and makes it again from that form."""

from __future__ import annotations

import ast
from functools import partial

import libcst as cst

from kept.findings import Applicability, Finding
from kept.fixing import methods, statements
from kept.fixing.arguments import Plan, entry_at, plan, with_plans
from kept.fixing.families import Family, family_of
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel

__all__ = ["APPLICABILITY", "mend"]

APPLICABILITY = Applicability.UNSAFE  # the constructor may make another type of what it is given


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    name = _argument(source, model, finding)
    parameter = next((one.named[name] for _, one in model.constructors if name in one.named), None)
    if parameter is None:
        raise Unmendable(f"__init__ has no parameter {name}")
    family = family_of(model, parameter)
    if family is Family.PLAIN:
        raise Unmendable("what it holds cannot be told")
    found = plan(source, model, name, family)
    if family is Family.TUPLE and model.own_config is None and found.converted is not None:
        _convert(source, model, found)
        return
    source.replace(source.class_node(model), with_plans(source, model, {name: found}))


def _argument(source: Source, model: ClassModel, finding: Finding) -> str:
    """The argument that a finding is about: by an entry of `get_config`, a parameter or an assignment."""
    place = (finding.location.line, finding.location.column)
    for _, constructor in model.constructors:
        for parameter in constructor.parameters:
            if source.module.span(parameter.node)[:2] == place:
                return parameter.name
        for stored in constructor.stored:
            nodes: list[ast.expr] = [stored.node, *([stored.value] if stored.value else [])]
            if any(source.module.span(one)[:2] == place for one in nodes) and len(stored.origin.names) == 1:
                return next(iter(stored.origin.names))
    return entry_at(source, model, finding)


def _convert(source: Source, model: ClassModel, found: Plan) -> None:
    """Changes `__init__` alone: Keras writes the config by itself."""
    assert found.converted is not None
    old, new = found.converted
    changes: dict[cst.CSTNode, cst.CSTNode] = {source.expression(old): source.style.expression(new)}
    node = source.class_node(model)
    change = partial(statements.all_replaced, changes=changes)
    source.replace(node, methods.changed(node, "__init__", change))
