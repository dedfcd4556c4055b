"""The nodes below a node: those of a file are put in one list in the order of the text, of which each is a slice."""

from __future__ import annotations

import ast
from typing import Any

__all__ = ["listed", "nodes", "own_nodes", "parent"]

_SCOPES = frozenset({ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda})
_MARKS = frozenset(
    kind
    for base in (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    for kind in base.__subclasses__()
)
"""What says how a node is used, and is no node of its own: one object serves them all."""
_LEAVES = frozenset({ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.alias, ast.Global, ast.Nonlocal})
_PLACE = "_place_in_file"
_Place = tuple[list[ast.AST], list[int], list[int], int]


def listed(tree: ast.AST) -> list[ast.AST]:
    """Every node of a tree in the order of the text; the tree must not change from then on."""
    order: list[ast.AST] = []
    above: list[int] = []
    stack, owners = [tree], [-1]
    while stack:
        node, at = stack.pop(), len(order)
        order.append(node)
        above.append(owners.pop())
        if node.__class__ not in _LEAVES:
            below = _below(node)
            below.reverse()
            stack += below
            owners += [at] * len(below)
    ends = list(range(1, len(order) + 1))
    for at in range(len(order) - 1, 0, -1):
        if ends[above[at]] < ends[at]:
            ends[above[at]] = ends[at]
    for at, node in enumerate(order):
        node.__dict__[_PLACE] = (order, above, ends, at)
    return order


def nodes(node: ast.AST) -> list[ast.AST]:
    """A node and every node below it, in the order of the text."""
    order, _, ends, at = _place(node)
    return order[at : ends[at]]


def own_nodes(scope: ast.AST) -> list[ast.AST]:
    """The nodes of a function, class or module, without those of the functions and classes in it.

    These are in it themselves, but not their bodies; its own parameters and decorators are not.
    """
    held: dict[str, Any] = scope.__dict__
    found: list[ast.AST] | None = held.get("_own_nodes")
    if found is None:
        found = held["_own_nodes"] = _own(scope)
    return found


def parent(node: ast.AST) -> ast.AST | None:
    """The node around another; None for the whole tree."""
    order, above, _, at = _place(node)
    return order[above[at]] if at else None


def _own(scope: ast.AST) -> list[ast.AST]:
    body: Any = getattr(scope, "body", [])
    found = []
    for start in body if isinstance(body, list) else [body]:
        order, _, ends, at = _place(start)
        end = ends[at]
        while at < end:
            node = order[at]
            found.append(node)
            at = ends[at] if node.__class__ in _SCOPES else at + 1
    return found


def _place(node: ast.AST) -> _Place:
    held: dict[str, Any] = node.__dict__
    if _PLACE not in held:
        listed(node)
    found: _Place = held[_PLACE]
    return found


def _below(node: ast.AST) -> list[ast.AST]:
    below: list[ast.AST] = []
    for field in node._fields:
        value = getattr(node, field, None)
        if value.__class__ is list:
            below += [one for one in value if isinstance(one, ast.AST) and one.__class__ not in _MARKS]
        elif isinstance(value, ast.AST) and value.__class__ not in _MARKS:
            below.append(value)
    return below
