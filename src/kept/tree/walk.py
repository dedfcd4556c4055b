"""Going over a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .nodes import Node

__all__ = ["layers_of", "walk"]


def walk(node: Node) -> Iterator[Node]:
    """A node and every node in it, parents first, in the order of the file."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(found.children)


def layers_of(node: Node) -> tuple[Node, ...]:
    """The layers that the config of a model lists, in order; none where it is no graph and no sequence."""
    listed: Any = node.config.get("layers")
    if listed is None:
        listed = node.fields.get("config")  # a Sequential of Keras 1
    found = listed if isinstance(listed, tuple) else ()
    return tuple(one for one in found if isinstance(one, Node))
