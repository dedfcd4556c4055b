"""From JSON to nodes and back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..errors import LimitExceededError, shown
from .nodes import Node
from .paths import entry, step

__all__ = ["parse", "plain"]

_HOLDERS = (dict, list, tuple)
_PATH_LENGTH = 2000


def parse(config: Mapping[str, Any], path: str = "") -> Node:
    """The tree of a config.

    Args:
        config: JSON as Python has it.
        path: Path of the root.

    Raises:
        LimitExceededError: It is nested deeper than Python can follow, or a path in it is too long.
    """
    try:
        return _node(config, path)
    except RecursionError as error:
        raise LimitExceededError(
            "the config is nested too deep", where=path, found="more than Python follows"
        ) from error


def _too_long(path: str) -> LimitExceededError:
    """A path stands in every node below it: without a bound, one long key and many nodes fill the memory."""
    found = f"{len(path)} characters"
    expected = f"at most {_PATH_LENGTH}"
    return LimitExceededError("a path in the config is too long", where=shown(path), expected=expected, found=found)


def _node(fields: Mapping[str, Any], path: str) -> Node:
    children: list[Node] = []
    held = {}
    for key, value in fields.items():  # plain loops: a comprehension is one more frame for each level
        held[key] = _value(value, step(path, key), children) if isinstance(value, _HOLDERS) else value
    return Node(path, MappingProxyType(held), tuple(children))


def _value(value: Any, path: str, children: list[Node]) -> Any:
    if len(path) > _PATH_LENGTH:
        raise _too_long(path)
    if isinstance(value, dict):
        if isinstance(value.get("class_name"), str):
            children.append(_node(value, path))
            return children[-1]
        held = {}
        for key, one in value.items():
            held[key] = _value(one, step(path, key), children) if isinstance(one, _HOLDERS) else one
        return MappingProxyType(held)
    entries = []
    for index, one in enumerate(value):
        entries.append(_value(one, entry(path, index), children) if isinstance(one, _HOLDERS) else one)
    return tuple(entries)


def plain(value: Any) -> Any:
    """What a node, or a value in one, was parsed from; a copy.

    Raises:
        LimitExceededError: It is nested deeper than Python can follow.
    """
    try:
        return _plain(value)
    except RecursionError as error:
        raise LimitExceededError("the config is nested too deep", found="more than Python follows") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Node):
        value = value.fields
    if isinstance(value, Mapping):
        return dict(zip(value, map(_plain, value.values()), strict=True))
    if isinstance(value, tuple):
        return list(map(_plain, value))
    return value
