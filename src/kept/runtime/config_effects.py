"""A `get_config` that changes the object it describes: what it returns now is not what the object was made from."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from . import keras_seams as seams
from .capture import captured_arguments
from .method_syntax import syntax

__all__ = ["arguments_before"]

_CHANGING = frozenset({"pop", "popitem", "clear", "update", "append", "extend", "remove", "insert", "setdefault"})


def arguments_before(value: Any) -> dict[str, Any]:
    """Arguments of the constructor call that `get_config` no longer tells, since it wrote the attribute they lie in."""
    if not hasattr(type(value), "get_config"):
        return {}
    made_from = seams.constructor_arguments(value) | captured_arguments(value)
    written = _written_by(type(value).get_config) if made_from else frozenset()
    return {name: made_from[name] for name in sorted(written & set(made_from))}


@cache
def _written_by(method: Any) -> frozenset[str]:
    """Attributes of `self` that a method assigns, deletes or changes in place; empty where there is no source."""
    tree = syntax(method)
    if tree is None:
        return frozenset()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(_of_self(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            names.add(_of_self(node.func.value))
    return frozenset(names - {""})


def _of_self(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return ""
