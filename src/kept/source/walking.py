"""The nodes below a node, remembered: every rule asks for those of the same methods again."""

from __future__ import annotations

import ast
from typing import Any

__all__ = ["nodes", "own_nodes"]

_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def nodes(node: ast.AST) -> list[ast.AST]:
    """A node and every node below it, in the order of the text."""
    held: dict[str, Any] = node.__dict__
    found: list[ast.AST] | None = held.get("_nodes")
    if found is None:
        found = held["_nodes"] = _listed([node], within=False)
    return found


def own_nodes(scope: ast.AST) -> list[ast.AST]:
    """The nodes of a function, class or module, without those of the functions and classes in it.

    These are in it themselves, but not their bodies; its own parameters and decorators are not.
    """
    held: dict[str, Any] = scope.__dict__
    found: list[ast.AST] | None = held.get("_own_nodes")
    if found is None:
        body: Any = getattr(scope, "body", [])
        found = held["_own_nodes"] = _listed(body[::-1] if isinstance(body, list) else [body], within=True)
    return found


def _listed(stack: list[ast.AST], *, within: bool) -> list[ast.AST]:
    """The nodes on a stack and those below them.

    Args:
        stack: The last one first.
        within: Whether scopes are entered no more.
    """
    found = []
    while stack:
        node = stack.pop()
        found.append(node)
        if within and isinstance(node, _SCOPES):
            continue
        below: list[ast.AST] = []
        for field in node._fields:
            value = getattr(node, field, None)
            if value.__class__ is list:
                below += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                below.append(value)
        below.reverse()
        stack += below
    return found
