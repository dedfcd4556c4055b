"""Calculations that give something else each time they are done to their own result."""

from __future__ import annotations

import ast

from kept.source.constructor import Constructor, Stored
from kept.source.names import last_part
from kept.source.walking import nodes

__all__ = ["transform_of"]

_CALLS = frozenset(
    {
        "len", "log", "log2", "log10", "log1p", "exp", "expm1", "sqrt", "square", "sum", "prod", "radians", "degrees",
        "deg2rad", "rad2deg", "reciprocal", "negative", "logical_not",
    }
)  # fmt: skip
_CHANGING = (ast.Mult, ast.Add, ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.LShift, ast.RShift)
_NEUTRAL = {ast.Mult: 1, ast.Add: 0, ast.Sub: 0, ast.Div: 1, ast.FloorDiv: 1, ast.Pow: 1, ast.LShift: 0, ast.RShift: 0}


def transform_of(constructor: Constructor, name: str, returned: ast.expr) -> str | None:
    """What the constructor makes of an argument before `get_config` returns it; None where it comes back as it was.

    Args:
        constructor: The constructor.
        name: Of the argument, and of the key of the config.
        returned: The value of the key.
    """
    attribute = _attribute(returned, constructor.own_name)
    stored = constructor.holds(attribute) if attribute else []
    if not stored or any(one.conditional or one.origin.names - {name, *_others(one, name)} for one in stored):
        return None
    if len(stored) == 2 and stored[1].value is None and _is_plain(stored[0].value, name):
        return _augmented(constructor, stored[1].node)
    value = stored[0].value if len(stored) == 1 else None
    if value is not None and isinstance(value, ast.Name) and value.id == name:
        return _reassigned(constructor, name)
    return ast.unparse(value) if value is not None and changes(value, name) else None


def _others(stored: Stored, name: str) -> frozenset[str]:
    return stored.origin.names if name in stored.origin.names else frozenset()


def _attribute(node: ast.expr, own_name: str) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return _attribute(node.args[0], own_name) if node.func.id in ("int", "float", "list", "tuple", "str") else ""
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own_name
    return node.attr if own and isinstance(node, ast.Attribute) else ""


def changes(node: ast.expr, name: str) -> bool:
    """Whether a value made of an argument is another one than that of its own result."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, _CHANGING):
        left, right = _is_plain(node.left, name), _is_plain(node.right, name)
        if left == right:
            return isinstance(node.op, ast.Mult) and _is_list_of(node.left, name)
        other = node.right if left else node.left
        return not _names(other, name) and not _is_neutral(node.op, other, left)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, (ast.USub, ast.Not)) and _is_plain(node.operand, name)
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        called = last_part(node.func)
        if called in ("int", "float", "round"):
            return changes(node.args[0], name)
        return called in _CALLS and _is_plain(node.args[0], name)
    if isinstance(node, ast.Subscript):
        return _is_plain(node.value, name) and isinstance(node.slice, ast.Constant) and type(node.slice.value) is int
    return False


def _is_neutral(op: ast.operator, other: ast.expr, is_left: bool) -> bool:
    """Whether the other side of a calculation leaves the argument as it is, or may well do so."""
    if isinstance(other, ast.Constant) and isinstance(other.value, (int, float, str)):
        return other.value == _NEUTRAL[type(op)] and (is_left or isinstance(op, (ast.Mult, ast.Add)))
    return not isinstance(other, (ast.List, ast.Tuple))


def _is_plain(node: ast.expr | None, name: str) -> bool:
    """Whether it is the argument, perhaps as a number."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("int", "float"):
        return len(node.args) == 1 and _is_plain(node.args[0], name)
    return isinstance(node, ast.Name) and node.id == name


def _is_list_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, (ast.List, ast.Tuple)) and any(_is_plain(one, name) for one in node.elts)


def _names(node: ast.expr, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in nodes(node))


def _augmented(constructor: Constructor, target: ast.expr) -> str | None:
    """`self.x *= 2`, as text."""
    for one in constructor.node.body:
        if isinstance(one, ast.AugAssign) and one.target is target and isinstance(one.op, _CHANGING):
            return None if _is_neutral(one.op, one.value, True) else ast.unparse(one)
    return None


def _reassigned(constructor: Constructor, name: str) -> str | None:
    """`x = 2 * x` or `x *= 2` at the top of the constructor, as text."""
    for one in constructor.node.body:
        if isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name) and one.target.id == name:
            if isinstance(one.op, _CHANGING) and not _is_neutral(one.op, one.value, True):
                return ast.unparse(one)
        elif isinstance(one, ast.Assign) and any(_is_plain(to, name) for to in one.targets):
            return ast.unparse(one.value) if changes(one.value, name) else None
    return None
