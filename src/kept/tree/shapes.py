"""Shapes of what layers return, as far as a config says them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from .nodes import Node
from .walk import layers_of, walk

__all__ = ["Shape", "built_for", "output_shapes"]

Shape = tuple[int | None, ...]

_KEEP = frozenset(
    {"Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dropout", "ELU", "GaussianDropout"}
    | {"GaussianNoise", "GroupNormalization", "Identity", "LayerNormalization", "LeakyReLU", "Masking", "Normalization"}
    | {"PReLU", "RMSNormalization", "ReLU", "Rescaling", "Softmax", "SpatialDropout1D", "SpatialDropout2D"}
    | {"SpatialDropout3D", "SpectralNormalization", "UnitNormalization"}
)

_SHAPES_OF_KERAS_2 = ("__tuple__", "TensorShape")


def output_shapes(model: Node) -> dict[str, Shape]:
    """The shapes of the layers of a model by their names; those that the config does not say are left out."""
    found: dict[str, Shape] = {}
    layers = layers_of(model)
    for layer in layers:
        for name, shape in _taken(layer):
            found.setdefault(name, shape)
    if model.class_name == "Sequential":
        for layer, following in pairwise(layers):
            if given := built_for(following):
                found.setdefault(layer.name, given)
    before: Shape | None = None
    for layer in layers:
        inputs = [shape for _, shape in _taken(layer)]
        taken = inputs[0] if inputs else built_for(layer) or _inbound(layer, found, before)
        before = found.get(layer.name) or _returned(layer, taken)
        if before is not None:
            found[layer.name] = before
    return found


def _taken(layer: Node) -> Iterator[tuple[str, Shape]]:
    """Name of the layer and shape of each tensor that a layer in a graph is called with."""
    for child in layer.children:
        if not child.path.startswith(f"{layer.path}.inbound_nodes"):
            continue
        for node in walk(child):
            history, shape = node.config.get("keras_history"), _shape(node.config.get("shape"))
            if node.class_name == "__keras_tensor__" and isinstance(history, tuple) and history and shape is not None:
                yield str(history[0]), shape


def _inbound(layer: Node, found: Mapping[str, Shape], before: Shape | None) -> Shape | None:
    """What a layer is called with in a graph of Keras 2, which names the layers; elsewhere what is before it."""
    calls: Any = layer.fields.get("inbound_nodes")
    if not isinstance(calls, tuple):
        return before
    called = [one for call in calls if isinstance(call, tuple) for one in call]
    if len(called) == 1 and isinstance(called[0], tuple) and called[0] and isinstance(called[0][0], str):
        return found.get(called[0][0])
    return None


def built_for(layer: Node) -> Shape | None:
    """The shape of the inputs that a layer was built for; None where the config does not say."""
    built = layer.fields.get("build_config")
    return _shape(built.get("input_shape")) if isinstance(built, Mapping) else None


def _returned(layer: Node, given: Shape | None) -> Shape | None:
    for key in ("batch_shape", "batch_input_shape"):
        if layer.class_name == "InputLayer" and (shape := _shape(layer.config.get(key))) is not None:
            return shape
    if given is None:
        given = _shape(layer.config.get("batch_input_shape"))
    if given is None:
        return None
    if layer.class_name in _KEEP:
        return given
    units = layer.config.get("units")
    if layer.class_name == "Dense" and isinstance(units, int):
        return (*given[:-1], units)
    if layer.class_name == "Flatten":
        inner = [one for one in given[1:] if one is not None]
        return (*given[:1], math.prod(inner) if len(inner) == len(given) - 1 else None)
    inside = layers_of(layer)
    if inside and layer.class_name == "Sequential":
        return output_shapes(layer).get(inside[-1].name)
    return None


def _shape(value: Any) -> Shape | None:
    if isinstance(value, Node) and value.class_name in _SHAPES_OF_KERAS_2:
        value = value.fields.get("items")
    if not isinstance(value, tuple) or not all(one is None or type(one) is int for one in value):
        return None
    return value
