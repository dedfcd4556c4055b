"""Keeps variables and layers where Keras tracks them."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Applicability, Finding
from kept.fixing import methods, statements
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel

__all__ = ["APPLICABILITY", "mend"]

APPLICABILITY = Applicability.UNSAFE  # what was not saved is saved, under another name

_HIDDEN = ("_layers", "_metrics", "_variables")


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    assigned = _assignment(source, model, finding)
    target, value = assigned
    if isinstance(value, ast.Call) and source.module.dotted(value.func) == "tensorflow.Variable":
        func = source.expression(value.func)
        source.replace(func, source.style.expression(source.imports.keras("Variable")))
    elif target.attr in _HIDDEN:
        _rename(source, model, target.attr)
    else:
        _hold(source, model, target)


def _assignment(source: Source, model: ClassModel, finding: Finding) -> tuple[ast.Attribute, ast.expr]:
    """`self.x = value`, or `self.x.y = value`, where a finding points."""
    place = (finding.location.line, finding.location.column)
    found: list[tuple[ast.Attribute, ast.expr]] = []
    for node in ast.walk(model.node):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            nodes = (node, node.targets[0], node.value)
            line, column, end_line, end_column = source.module.span(node)
            if any(source.module.span(one)[:2] == place for one in nodes):
                return node.targets[0], node.value
            if (line, column) <= place < (end_line, end_column):
                found.append((node.targets[0], node.value))
    if not found:
        raise Unmendable("nothing is assigned there")
    return found[-1]


def _rename(source: Source, model: ClassModel, attribute: str) -> None:
    """Gives an attribute a name that Keras does not keep for itself."""
    used = {one.attr for one in ast.walk(model.node) if isinstance(one, ast.Attribute)}
    wish = {"_layers": "sublayers", "_metrics": "own_metrics", "_variables": "own_variables"}[attribute]
    name = next(one for one in (wish, f"kept_{wish}", f"all_{wish}") if one not in used)
    for node in ast.walk(model.node):
        if isinstance(node, ast.Attribute) and node.attr == attribute and getattr(node.value, "id", "") == "self":
            written = source.node(node, cst.Attribute)
            source.replace(written, written.with_changes(attr=cst.Name(name)))


def _hold(source: Source, model: ClassModel, target: ast.Attribute) -> None:
    """Also keeps what a plain object holds in a list, which Keras tracks."""
    owner = target.value if isinstance(target.value, ast.Attribute) else target
    constructor = model.constructor
    if constructor is None or getattr(owner.value, "id", "") != constructor.own_name:
        raise Unmendable("it is held in a place that is not understood")
    attribute = owner.attr
    if not any(one.attribute == attribute for one in constructor.stored):
        raise Unmendable("it is held in a place that is not understood")
    used = {one.attr for one in ast.walk(model.node) if isinstance(one, ast.Attribute)}
    name = f"{attribute}_parts"
    if name in used:
        raise Unmendable("it is held in a list already")
    line = f"{constructor.own_name}.{name} = list(vars({constructor.own_name}.{attribute}).values())"

    def held(init: cst.FunctionDef) -> cst.FunctionDef:
        body = statements.inserted(init.body, len(init.body.body), line, source.style)
        return init.with_changes(body=body)

    node = source.class_node(model)
    source.replace(node, methods.changed(node, "__init__", held))
