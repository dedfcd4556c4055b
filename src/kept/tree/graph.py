"""Who is called with whose output, in every form that Keras has written it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .nodes import Node
from .walk import layers_of

__all__ = ["called_with", "inputs_of_layers"]


def inputs_of_layers(model: Node) -> list[tuple[str, ...]]:
    """For each layer of a model, in order, the names of the layers whose output it is called with, each once.

    A Sequential hands each layer the output of the one before; where a config says nothing, nothing is made up.
    """
    layers = layers_of(model)
    names = {layer.name for layer in layers}
    if _is_sequence(model):
        return [(before.name,) if before else () for before in (None, *layers[:-1])] if layers else []
    return [
        tuple(dict.fromkeys(name for name, _ in called_with(layer) if name in names and name != layer.name))
        for layer in layers
    ]


def _is_sequence(model: Node) -> bool:
    return model.class_name.rpartition(">")[2] == "Sequential" or isinstance(model.fields.get("config"), tuple)


def called_with(layer: Node) -> Iterator[tuple[str, Any]]:
    """Name of the layer, and shape as far as the file says it, of each tensor that a layer in a graph is called with.

    Keras 3 writes a `__keras_tensor__`, Keras 1 and 2 a list of name, call, output and perhaps keyword arguments.
    """
    waiting = [layer.fields.get("inbound_nodes")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Node):
            history = value.config.get("keras_history")
            if value.class_name == "__keras_tensor__" and isinstance(history, tuple) and history:
                yield str(history[0]), value.config.get("shape")
                continue
            value = value.fields
        if isinstance(value, Mapping):
            waiting += reversed(list(value.values()))
        elif isinstance(value, tuple):
            if _is_reference(value):
                yield value[0], None
                value = value[3:]
            waiting += reversed(value)


def _is_reference(value: tuple[Any, ...]) -> bool:
    return len(value) >= 3 and isinstance(value[0], str) and type(value[1]) is int and type(value[2]) is int
