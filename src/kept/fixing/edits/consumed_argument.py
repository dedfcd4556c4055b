"""Makes a parameter of what `__init__` takes out of `**kwargs`."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing import methods, signatures, statements
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    constructor = model.constructor
    if constructor is None:
        raise Unmendable("its constructor is that of another class")
    every = constructor.popped.items()
    there = [one for one in every if one[1].lineno == finding.location.line]
    name, call = next(iter(there or every), ("", None))
    if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "pop" or not name.isidentifier():
        raise Unmendable("it is not taken out by pop")
    default = source.style.expression(source.text(call.args[1])) if len(call.args) > 1 else None
    old = source.node(call, cst.Call)

    def explicit(init: cst.FunctionDef) -> cst.FunctionDef:
        init = statements.all_replaced(init, {old: cst.Name(name)})
        return signatures.with_parameter(init, name, default, source.style)

    node = source.class_node(model)
    source.replace(node, methods.changed(node, "__init__", explicit))
