"""The dicts of a config tree, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..tree.paths import entry, step

__all__ = ["mapped", "nodes_of"]

_HOLDERS = (dict, list)


def nodes_of(config: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dict of a config tree with its path, parents first."""
    waiting: list[tuple[str, Any]] = [(path, config)] if isinstance(config, _HOLDERS) else []
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            yield path, value
            inner = [(step(path, key), child) for key, child in value.items() if isinstance(child, _HOLDERS)]
        else:
            inner = [(entry(path, at), child) for at, child in enumerate(value) if isinstance(child, _HOLDERS)]
        inner.reverse()
        waiting += inner


def mapped(value: Any, path: str, change: Callable[[dict[str, Any], str], dict[str, Any]]) -> Any:
    """A copy of a config tree in which each object, children first, is what `change` makes of it and its path."""
    if isinstance(value, dict):
        inner = dict(value)
        for key, child in value.items():
            if isinstance(child, _HOLDERS):
                inner[key] = mapped(child, step(path, key), change)
        return change(inner, path) if "class_name" in inner and "config" in inner else inner
    if isinstance(value, list):
        entries = list(value)
        for index, child in enumerate(value):
            if isinstance(child, _HOLDERS):
                entries[index] = mapped(child, entry(path, index), change)
        return entries
    return value
