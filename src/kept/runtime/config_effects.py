"""A `get_config` that changes the object it describes: what it returns now is not what the object was made from."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from ..errors import Problem, SerializationError, shown
from . import keras_seams as seams
from .sources import is_local
from .walk import Place

__all__ = ["refuse_changed_by_get_config"]

_CHANGING = frozenset({"pop", "popitem", "clear", "update", "append", "extend", "remove", "insert", "setdefault"})


def refuse_changed_by_get_config(places: list[Place]) -> None:
    """Refuses objects whose `get_config` writes the very attribute in which it now differs from the constructor call.

    Raises:
        SerializationError: Lists them.
    """
    problems = []
    for place in places:
        made_from = seams.constructor_arguments(place.value)
        if not made_from or not is_local(type(place.value)):
            continue
        written = _written_by(type(place.value).get_config)
        config = place.value.get_config() if written else {}
        problems += [
            Problem(
                f"{type(place.value).__name__}.get_config changes {name} of the object it describes",
                place.path,
                expected=shown(made_from[name]),
                found=shown(config[name]),
                hint="return a copy, and leave the attribute alone",
            )
            for name in sorted(written & set(made_from) & set(config))
            if config[name] != made_from[name]
        ]
    if problems:
        raise SerializationError("a config is not what the object was made from", problems=problems)


def _written_by(method: Any) -> set[str]:
    """Attributes of `self` that a method assigns, deletes or changes in place; empty where there is no source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    except (OSError, TypeError, SyntaxError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(_of_self(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            names.add(_of_self(node.func.value))
    return names - {""}


def _of_self(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return ""
