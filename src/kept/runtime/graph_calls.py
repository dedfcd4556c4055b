"""Calls in the graph of a Functional model: Keras keeps them in private nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["calls"]


def calls(model: Any) -> Iterator[tuple[Any, str, Any]]:
    """Every argument of every call in the graph: the layer, the argument's name or position, its value."""
    for node in _nodes(model):
        given = getattr(node, "arguments", None)
        operation = getattr(node, "operation", None)
        yield from ((operation, str(index), value) for index, value in enumerate(getattr(given, "args", ())))
        yield from ((operation, name, value) for name, value in getattr(given, "kwargs", {}).items())


def _nodes(model: Any) -> list[Any]:
    by_depth = getattr(getattr(model, "_functional", None) or model, "_nodes_by_depth", None)
    return [node for nodes in by_depth.values() for node in nodes] if isinstance(by_depth, dict) else []
