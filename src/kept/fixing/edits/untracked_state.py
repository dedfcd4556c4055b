"""Keeps variables and layers where Keras tracks them."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing import statements
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel
from kept.source.kinds import Kind

__all__ = ["mend"]


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
    elif _parts(source, target, value):
        _hoist(source, model, target, value)
    else:
        _hoist(source, model, *_put_into(source, model, target.attr))


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


def _hoist(source: Source, model: ClassModel, target: ast.Attribute, value: ast.expr) -> None:
    """Gives each layer and variable that a plain object holds an attribute of its own, too."""
    used = {one.attr for one in ast.walk(model.node) if isinstance(one, ast.Attribute)}
    statement = _statement(source, model, target)
    lines: list[str] = []
    changes: dict[cst.CSTNode, cst.CSTNode] = {}
    for number, (part, made) in enumerate(_parts(source, target, value)):
        wish = f"{_path(target)}_{part}" if part else _path(target)
        name = next(one for one in (wish, f"{wish}_{number}", f"{wish}_held") if one not in used)
        used.add(name)
        lines.append(f"self.{name} = {source.text(made)}")
        changes[source.expression(made)] = source.style.expression(f"self.{name}")
    if not lines:
        raise Unmendable("where its state is made cannot be told")

    def hoisted(method: cst.FunctionDef) -> cst.FunctionDef:
        at = statements.position(method.body, lambda one: one is statement or statement in getattr(one, "body", ()))
        if at is None:
            raise Unmendable("it stands under a condition or in a loop")
        body = statements.all_replaced(method, changes).body
        for line in reversed(lines):
            body = statements.inserted(body, at, line, source.style)
        return method.with_changes(body=body)

    function = source.module.scope_of(target)
    if not isinstance(function, ast.FunctionDef):
        raise Unmendable("it stands outside of a method")
    node = source.function_node(function)
    source.replace(node, hoisted(node))


def _statement(source: Source, model: ClassModel, target: ast.Attribute) -> cst.CSTNode:
    above = source.module.parent(target)
    assert above is not None
    return source.node(above, cst.Assign)


def _path(target: ast.Attribute) -> str:
    """`box_gain` of `self.box.gain`."""
    return f"{target.value.attr}_{target.attr}" if isinstance(target.value, ast.Attribute) else target.attr


def _parts(source: Source, target: ast.Attribute, value: ast.expr) -> list[tuple[str, ast.expr]]:
    """The layers and variables that are made in a value, with the keyword under which each is held."""
    if _is_state(source, value):
        return [("", value)]
    found: list[tuple[str, ast.expr]] = []
    for node in ast.walk(value):
        if isinstance(node, (ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)):
            return []
        if isinstance(node, ast.keyword) and _is_state(source, node.value):
            found.append((node.arg or "part", node.value))
        elif isinstance(node, (ast.List, ast.Tuple)):
            found += [("part", one) for one in node.elts if _is_state(source, one)]
    return found


def _is_state(source: Source, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    known = source.module.class_of(node.func)
    dotted = source.module.dotted(node.func) or ""
    return (
        (known is not None and known.kind in (Kind.LAYER, Kind.MODEL))
        or dotted == "keras.Variable"
        or (isinstance(node.func, ast.Attribute) and node.func.attr == "add_weight")
    )


def _put_into(source: Source, model: ClassModel, attribute: str) -> tuple[ast.Attribute, ast.expr]:
    """The first statement that puts a layer or variable into the object that an attribute holds."""
    for node in ast.walk(model.node):
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute)):
            continue
        target = node.targets[0]
        if isinstance(target.value, ast.Attribute) and target.value.attr == attribute and _is_state(source, node.value):
            return target, node.value
    raise Unmendable("where its state is made cannot be told")
