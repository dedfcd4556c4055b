"""Lets `get_config` read without changing anything."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    found = source.at(finding, ast.Call, ast.Assign, ast.AugAssign)
    if isinstance(found, ast.Call):
        func = found.func
        if not (isinstance(func, ast.Attribute) and func.attr == "pop" and found.args and _is_text(found.args[0])):
            raise Unmendable("what it changes must be copied first")
        name = source.node(found, cst.Call).func
        attribute = cst.ensure_type(name, cst.Attribute)
        source.replace(attribute, attribute.with_changes(attr=cst.Name("get")))
        return
    if isinstance(found, ast.Assign) and any(isinstance(one, ast.Call) for one in ast.walk(found.value)):
        raise Unmendable("what it assigns may be needed")
    around = source.module.parent(found)
    if not isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)) or len(around.body) < 2:
        raise Unmendable("it stands under a condition or in a loop")
    if isinstance(found, ast.Assign):
        source.remove(found, source.node(found, cst.Assign))
    elif isinstance(found, ast.AugAssign):
        source.remove(found, source.node(found, cst.AugAssign))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
