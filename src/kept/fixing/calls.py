"""Calls that a finding points at, and their arguments."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing.sequences import without
from kept.fixing.source import Source, Unmendable
from kept.source.names import last_part

__all__ = ["argument", "call_at", "without_keyword"]


def call_at(source: Source, finding: Finding, *names: str) -> ast.Call:
    """The innermost call around the place of a finding.

    Args:
        source: The file.
        finding: It points at the call, at one of its arguments or at what is called.
        names: Last parts of what may be called; anything where none is given.
    """
    place = (finding.location.line, finding.location.column)
    around = []
    for call in source.module.calls:
        line, column, end_line, end_column = source.module.span(call)
        called = last_part(call.func)
        if (line, column) <= place < (end_line, end_column) and (not names or called in names):
            around.append(call)
    if not around:
        raise Unmendable("no such call stands there")
    return around[-1]


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """What a call gives for a parameter; None where it gives nothing."""
    by_name = [one.value for one in call.keywords if one.arg == name]
    if by_name:
        return by_name[0]
    return call.args[position] if position < len(call.args) else None


def without_keyword(node: cst.Call, name: str) -> cst.Call:
    """The call without one of its keyword arguments."""
    gone = [one for one in node.args if one.keyword is not None and one.keyword.value == name]
    return node.with_changes(args=without(node.args, gone[0])) if gone else node
