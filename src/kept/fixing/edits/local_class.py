"""Moves a class out of the function that makes it."""

from __future__ import annotations

import ast
from typing import cast

import libcst as cst

from kept.findings import Finding
from kept.fixing.scopes import closed_over
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    found = cast(ast.ClassDef, source.at(finding, ast.ClassDef))
    module = source.module
    closed = closed_over(module, found)
    if closed:
        raise Unmendable(f"it uses {', '.join(sorted(closed))} of the function around it")
    if [one.name for one in module.class_nodes].count(found.name) > 1 or found.name in module.names.bound:
        raise Unmendable(f"another thing in the file is called {found.name}")
    around = module.parent(found)
    if not isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)) or len(around.body) < 2:
        raise Unmendable("the function around it holds nothing else, or makes the class only sometimes")
    node = source.node(found, cst.ClassDef)
    source.define(found, [node])
    source.replace(node, None)
