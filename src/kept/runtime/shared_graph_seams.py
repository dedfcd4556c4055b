"""A layer that a graph shares with a model inside of it: Keras writes the layer's calls as counted in each graph alone.

Rebuilding, it counts the calls in the inner model as well, and connects the outer graph to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

__all__ = ["counting_calls_by_graph"]


@contextmanager
def counting_calls_by_graph() -> Iterator[None]:
    """While a model is rebuilt, the calls of a layer are counted as they were written, in each graph alone."""
    from keras.src.models import functional

    rebuild, revive = (getattr(functional, name, None) for name in ("functional_from_config", "deserialize_node"))
    if rebuild is None or revive is None:
        yield
        return
    graphs: list[_Graph] = []

    def functional_from_config(cls: type, config: dict[str, Any], custom_objects: Any = None) -> Any:
        graph = _Graph(config)
        graphs.append(graph)
        try:
            return rebuild(cls, graph.config, custom_objects=custom_objects)
        finally:
            graphs.pop()

    def deserialize_node(node_data: Any, created_layers: dict[str, Any]) -> Any:
        return revive(graphs[-1].counted(node_data, created_layers) if graphs else node_data, created_layers)

    functional.functional_from_config, functional.deserialize_node = functional_from_config, deserialize_node
    try:
        yield
    finally:
        functional.functional_from_config, functional.deserialize_node = rebuild, revive


class _Graph:
    """One graph while it is rebuilt: its layers are all made before the first of their calls."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.outputs: list[Any] = []
        self.config = {**config, "output_layers": self._copied(config.get("output_layers"))}
        self.before: dict[str, int] | None = None

    def _copied(self, tensors: Any) -> Any:
        if isinstance(tensors, dict):
            return {key: self._copied(one) for key, one in tensors.items()}
        if isinstance(tensors, (list, tuple)):
            copy = [self._copied(one) for one in tensors]
            if len(copy) == 3 and isinstance(copy[0], str):
                self.outputs.append(copy)
            return copy
        return tensors

    def counted(self, node_data: Any, layers: dict[str, Any]) -> Any:
        """Data of a call in which calls of other layers are counted from the beginning."""
        if self.before is None:
            self.before = {
                name: len(layer._inbound_nodes)
                for name, layer in layers.items()
                if not isinstance(layer, (keras.Model, keras.layers.InputLayer)) and hasattr(layer, "_inbound_nodes")
            }
            for output in self.outputs:
                output[1] += self.before.get(output[0], 0)
        return self._shifted(node_data) if any(self.before.values()) else node_data

    def _shifted(self, data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: self._history(one) if key == "keras_history" else self._shifted(one) for key, one in data.items()
            }
        return [self._shifted(one) for one in data] if isinstance(data, (list, tuple)) else data

    def _history(self, history: Any) -> Any:
        assert self.before is not None
        return [history[0], history[1] + self.before.get(history[0], 0), *history[2:]]
