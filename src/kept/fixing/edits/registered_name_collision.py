"""Gives a class a registered name of its own."""

from __future__ import annotations

import ast
from typing import cast

import libcst as cst

from kept.findings import Finding
from kept.fixing.registration import package
from kept.fixing.source import Source, Unmendable
from kept.source.classes import registration

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    found = cast(ast.ClassDef, source.at(finding, ast.ClassDef, ast.FunctionDef))
    known = registration(source.module, found)
    if known is None:
        raise Unmendable("no decorator registers it")
    called = known.node.func if isinstance(known.node, ast.Call) else known.node
    model = next((one for one in source.module.classes if one.node is found), None)
    name = (model.qualname if model else found.name).replace(".<locals>", "")
    home = package(source.module) if name != found.name else source.module.name or package(source.module)
    written = f'{source.text(called)}(package="{home}", name="{name}")'
    if (home, name) == (known.package, known.name):
        raise Unmendable("the other class is the one to rename")
    decorator = source.expression(known.node)
    assert isinstance(decorator, cst.BaseExpression)
    source.replace(decorator, source.style.expression(written))
