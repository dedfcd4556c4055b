"""What a config asks for: the fewest parameters that layers can have, and the calls that build a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from .nodes import Form, Node
from .walk import layers_of, walk

__all__ = ["attempts", "calls", "dimensions", "is_built", "parameters"]

# Settings that become the length of an array, in a layer or in what it returns.
_LENGTHS = frozenset(
    {"units", "filters", "input_dim", "output_dim", "num_heads", "key_dim", "value_dim", "head_dim", "depth_multiplier"}
    | {"num_query_heads", "num_key_value_heads", "num_tokens", "max_tokens", "num_bins", "groups", "n", "height"}
    | {"width", "kernel_size", "size", "padding", "target_shape", "output_shape", "newshape", "shape", "batch_shape"}
    | {
        "batch_input_shape",
        "input_shape",
        "query_shape",
        "value_shape",
        "key_shape",
        "build_input_shape",
        "repeats",
        "reps",
        "rank",
        "lora_rank",
        "sequence_length",
    }
)
_NORMS = frozenset({"LayerNormalization", "GroupNormalization", "RMSNormalization"})
_EMBEDDINGS = frozenset({"Embedding", "ReversibleEmbedding"})


def dimensions(node: Node) -> Iterator[tuple[str, int]]:
    """Every length that the config of an object or what it was built for names, with the key."""
    config, built = node.fields.get("config"), node.fields.get("build_config")
    if isinstance(config, MappingProxyType) and not _LENGTHS.isdisjoint(config):
        for key in _LENGTHS.intersection(config):
            yield from ((key, length) for length in _lengths(config[key]))
    if isinstance(built, MappingProxyType):
        for key, value in built.items():
            if key.endswith("shape"):
                yield from ((key, length) for length in _lengths(value))


def _lengths(value: Any) -> Iterator[int]:
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, (int, float)) and not isinstance(found, bool) and found > 0:
            yield _count(found)
        elif isinstance(found, tuple):
            waiting += found
        elif isinstance(found, Node) and found.form is Form.LITERAL:
            waiting.append(found.fields.get("items"))


def parameters(node: Node) -> int:
    """The fewest parameters that a layer of Keras can have; 0 for what is none, or of no known kind."""
    count = _COUNTS.get(node.class_name)
    return count(node.config, _built_for(node)) if count is not None else 0


def is_built(nodes: Iterator[Node]) -> bool:
    """Whether the layers of a model have their weights as soon as they are made."""
    return any(
        node.class_name == "InputLayer"
        or "build_config" in node.fields
        or bool(node.fields.get("inbound_nodes"))
        or any(key in node.config for key in ("batch_input_shape", "build_input_shape", "batch_shape"))
        for node in nodes
    )


def calls(model: Node) -> int:
    """How often objects of a tree are called or made to build it: a model in a model counts for each call of it."""
    costs: dict[int, int] = {}
    for node in reversed(list(walk(model))):
        cost = 1
        for child in node.children:
            cost += costs[id(child)]
        called = node.fields.get("inbound_nodes")
        if called and isinstance(called, tuple):
            cost *= len(called)
        costs[id(node)] = cost
    return costs[id(model)]


def attempts(model: Node) -> int:
    """How often Keras tries a call before all of a graph are made: it goes over its layers until none is waiting."""
    layers = layers_of(model)
    made = [(place, layer.name, index) for place, layer in enumerate(layers) for index in range(len(_calls_of(layer)))]
    known = {(name, index): one for one, (_, name, index) in enumerate(made)}
    needs: list[list[int]] = [[] for _ in made]
    waiting = [0] * len(made)
    passes = [1] * len(made)
    for one, (place, name, index) in enumerate(made):
        before = [(name, index - 1)] if index else []
        for source in {*before, *_sources(_calls_of(layers[place])[index])}:
            given = known.get(source, known.get((source[0], source[1] - 1)))  # a model has one more before its first
            if given is not None and given != one:
                needs[given].append(one)
                waiting[one] += 1
    ready = [one for one, count in enumerate(waiting) if not count]
    while ready:
        one = ready.pop()
        for after in needs[one]:
            passes[after] = max(passes[after], passes[one] + (made[one][0] > made[after][0]))
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    return sum(passes)


def _calls_of(layer: Node) -> tuple[Any, ...]:
    found = layer.fields.get("inbound_nodes")
    return found if isinstance(found, tuple) else ()


def _sources(call: Any) -> Iterator[tuple[str, int]]:
    """Layer and number of the call that gave each tensor which a layer is called with."""
    waiting: list[Any] = [call]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Node):
            history = found.config.get("keras_history")
            waiting.append(history if history is not None else found.fields)
        elif isinstance(found, Mapping):
            waiting += found.values()
        elif isinstance(found, tuple):
            if len(found) >= 3 and isinstance(found[0], str) and isinstance(found[1], int):
                yield found[0], found[1]
            else:
                waiting += found


def _count(value: Any) -> int:
    """A length, 1 where it is none: what nobody can tell counts for nothing."""
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value >= 1 else 1
    return value if type(value) is int and value > 0 else 1


def _product(value: Any) -> int:
    return math.prod(_lengths(value))


def _built_for(node: Node) -> tuple[Any, ...]:
    built = node.fields.get("build_config")
    shape = built.get("input_shape") if isinstance(built, Mapping) else None
    return shape if isinstance(shape, tuple) else ()


def _last(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    """How many channels come in."""
    if not shape:
        return 1
    return _count(shape[1] if config.get("data_format") == "channels_first" and len(shape) > 1 else shape[-1])


def _dense(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    return _count(config.get("units")) * _last(config, shape)


def _recurrent(gates: int) -> Callable[[Mapping[str, Any], tuple[Any, ...]], int]:
    def count(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
        units = _count(config.get("units"))
        return gates * units * (units + _last(config, shape))

    return count


def _embedding(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    return _count(config.get("input_dim")) * _count(config.get("output_dim"))


def _convolution(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    given = max(1, _last(config, shape) // _count(config.get("groups")))
    return _count(config.get("filters")) * _product(config.get("kernel_size")) * given


def _depthwise(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    kernel = _product(config.get("kernel_size")) * _last(config, shape)
    return max(_count(config.get("filters")), kernel * _count(config.get("depth_multiplier")))


def _attention(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    heads = max(_count(config.get("num_heads")), _count(config.get("num_query_heads")))
    return heads * max(_count(config.get("key_dim")), _count(config.get("head_dim")))


def _norm(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    axes = config.get("axis", -1)
    axes = axes if isinstance(axes, tuple) else (axes,)
    inside = [axis for axis in axes if type(axis) is int and -len(shape) <= axis < len(shape)]
    return math.prod(_count(shape[axis]) for axis in inside) if inside else 0


def _scaled_norm(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    return 0 if config.get("center") is False and config.get("scale") is False else _norm(config, shape)


def _prelu(config: Mapping[str, Any], shape: tuple[Any, ...]) -> int:
    shared = config.get("shared_axes") or ()
    given = shared if isinstance(shared, tuple) else (shared,)
    return math.prod(_count(length) for axis, length in enumerate(shape) if axis and axis not in given)


_COUNTS: dict[str, Callable[[Mapping[str, Any], tuple[Any, ...]], int]] = {
    "Dense": _dense,
    "EinsumDense": lambda config, shape: _product(config.get("output_shape")),
    "PReLU": _prelu,
    **dict.fromkeys(("SimpleRNN", "SimpleRNNCell"), _recurrent(1)),
    **dict.fromkeys(("GRU", "GRUCell"), _recurrent(3)),
    **dict.fromkeys(("LSTM", "LSTMCell"), _recurrent(4)),
    "MultiHeadAttention": _attention,
    "GroupQueryAttention": _attention,
    "GroupedQueryAttention": _attention,
    **dict.fromkeys(_EMBEDDINGS, _embedding),
    "BatchNormalization": _norm,
    **dict.fromkeys(_NORMS, _scaled_norm),
    **{f"Conv{rank}D{kind}": _convolution for rank in (1, 2, 3) for kind in ("", "Transpose")},
    **{f"ConvLSTM{rank}D": _convolution for rank in (1, 2, 3)},
    **{f"{kind}Conv{rank}D": _depthwise for rank in (1, 2) for kind in ("Separable", "Depthwise")},
}
