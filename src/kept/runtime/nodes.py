"""The dicts of a config tree, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..tree.paths import entry, step

__all__ = ["mapped", "nodes_of"]


def nodes_of(config: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dict of a config tree with its path, parents first."""
    if isinstance(config, dict):
        yield path, config
        for key, child in config.items():
            yield from nodes_of(child, step(path, key))
    elif isinstance(config, list):
        for index, child in enumerate(config):
            yield from nodes_of(child, entry(path, index))


def mapped(value: Any, path: str, change: Callable[[dict[str, Any], str], dict[str, Any]]) -> Any:
    """A copy of a config tree in which each object, children first, is what `change` makes of it and its path."""
    if isinstance(value, dict):
        inner = {key: mapped(child, step(path, key), change) for key, child in value.items()}
        return change(inner, path) if "class_name" in inner and "config" in inner else inner
    if isinstance(value, list):
        return [mapped(child, entry(path, index), change) for index, child in enumerate(value)]
    return value
