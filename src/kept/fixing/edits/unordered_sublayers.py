"""Keeps sublayers in a list instead of a set."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    found = _set_at(source, finding)
    if isinstance(found, ast.Set):
        display = source.node(found, cst.Set)
        elements = [one for one in display.elements if isinstance(one, (cst.Element, cst.StarredElement))]
        left = cst.LeftSquareBracket(whitespace_after=display.lbrace.whitespace_after)
        right = cst.RightSquareBracket(whitespace_before=display.rbrace.whitespace_before)
        source.replace(display, cst.List(elements, lbracket=left, rbracket=right))
    elif isinstance(found, ast.SetComp):
        made = source.node(found, cst.SetComp)
        source.replace(made, cst.ListComp(made.elt, made.for_in))
    else:
        call = source.node(found, cst.Call)
        source.replace(call, call.with_changes(func=cst.Name("list")))


def _set_at(source: Source, finding: Finding) -> ast.AST:
    """The set that a finding points at: where it stands, or what is assigned there."""
    try:
        found = source.at(finding, ast.Set, ast.SetComp, ast.Call)
    except Unmendable:
        found = source.at(finding, ast.Assign, ast.AnnAssign)
    value = getattr(found, "value", found) if isinstance(found, (ast.Assign, ast.AnnAssign)) else found
    is_set = isinstance(value, (ast.Set, ast.SetComp)) or (
        isinstance(value, ast.Call) and getattr(value.func, "id", "") in ("set", "frozenset")
    )
    if not is_set:
        raise Unmendable("no set stands there")
    assert isinstance(value, ast.AST)
    return value
