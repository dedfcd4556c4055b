"""Makes a class or function that Keras can find again of a loss that is made while the program runs."""

from __future__ import annotations

import ast

from kept.findings import Finding
from kept.fixing import loss_classes, loss_objects, partial_functions
from kept.fixing.calls import call_at
from kept.fixing.registration import decorator, registered
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel
from kept.source.module import Function

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    found = _meant(source, finding)
    if isinstance(found, ClassModel):
        loss_objects.make_serialisable(source, found)
    elif isinstance(found, ast.Call):
        partial_functions.name_partial(source, found)
    elif any(_is_graph(source, one) for one in found.decorator_list):
        _register(source, found)
    else:
        loss_classes.make_class(source, found)


def _meant(source: Source, finding: Finding) -> ClassModel | ast.Call | Function:
    """The factory, the class or the call of `functools.partial` that a finding is about."""
    module = source.module
    place = (finding.location.line, finding.location.column)
    for function in module.functions:
        if module.span(function)[:2] == place:
            return _factory(source, function)
    for model in module.classes:
        if module.span(model.node)[:2] == place:
            return model
    try:
        call = call_at(source, finding)
    except Unmendable:
        return _named(source, finding)
    around = [one for one in module.calls if one.lineno == place[0]] + [call]
    for one in around:
        if module.span(one)[:2] != place and one is not call:
            continue
        known = _resolved(source, one)
        if known is not None:
            return known
    return _named(source, finding)


def _resolved(source: Source, call: ast.Call) -> ClassModel | ast.Call | Function | None:
    module = source.module
    if module.dotted(call.func) == "functools.partial":
        return call
    known = module.class_of(call.func)
    if isinstance(known, ClassModel) and known.module is module:
        return known
    if isinstance(call.func, ast.Name):
        return next((one for one in module.functions if one.name == call.func.id and one in module.tree.body), None)
    return None


def _named(source: Source, finding: Finding) -> ClassModel | ast.Call | Function:
    """What a name at the place of a finding was assigned, or which function it is."""
    module = source.module
    found = source.at(finding, ast.Name)
    assert isinstance(found, ast.Name)
    for function in module.functions:
        if function.name == found.id:
            return function
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        known = _resolved(source, node.value)
        if known is not None and any(isinstance(one, ast.Name) and one.id == found.id for one in node.targets):
            return known
    raise Unmendable("where it is made cannot be told")


def _factory(source: Source, function: Function) -> Function:
    around = source.module.scope_of(function)
    return around if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)) else function


def _is_graph(source: Source, node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return source.module.dotted(called) == "tensorflow.function"


def _register(source: Source, function: Function) -> None:
    """Registers the function itself instead of the graph that `tf.function` makes of it; Keras compiles it anyway."""
    node = source.function_node(function)
    left = [
        written
        for written, one in zip(node.decorators, function.decorator_list, strict=True)
        if not _is_graph(source, one)
    ]
    text = decorator(source.module, source.imports)
    source.replace(node, registered(node.with_changes(decorators=left), text, source.style))
