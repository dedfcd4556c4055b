"""Which weights a layer of Keras has by its config, for the classes where the config says it for certain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .nodes import Node
from .shapes import Shape, built_for

__all__ = ["Expected", "ExpectedWeights", "expected_weights", "is_built"]

# What makes a layer hold other tensors than its class does by itself.
_ADAPTED = ("lora_rank", "lora_alpha", "quantization_config", "quantization_mode", "gptq_config")


@dataclass(frozen=True, slots=True)
class Expected:
    """One weight that a layer has.

    Attributes:
        name: As Keras calls it.
        shape: Its shape; None for a length that the config does not say.
    """

    name: str
    shape: Shape

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether a tensor can be this weight."""
        return len(shape) == len(self.shape) and all(
            said is None or said == length for said, length in zip(self.shape, shape, strict=True)
        )


@dataclass(frozen=True, slots=True)
class ExpectedWeights:
    """All weights of a layer.

    Attributes:
        weights: In the order of the file.
        inner: Name of the part of the layer that holds them; empty for the layer itself.
    """

    weights: tuple[Expected, ...]
    inner: str = ""


class _UnknownError(Exception):
    """The config does not say what is asked for, or says something strange."""


class _Settings:
    """The config of one layer, read without trust."""

    def __init__(self, node: Node) -> None:
        self._config: Mapping[str, Any] = node.config
        self.input = built_for(node)

    def number(self, key: str) -> int:
        found = self._config.get(key)
        if type(found) is not int or found < 1:
            raise _UnknownError(key)
        return found

    def flag(self, key: str) -> bool:
        found = self._config.get(key)
        if type(found) is not bool:
            raise _UnknownError(key)
        return found

    def lengths(self, key: str) -> tuple[int, ...]:
        found = self._config.get(key)
        if not isinstance(found, tuple) or not all(type(one) is int and one > 0 for one in found):
            raise _UnknownError(key)
        return found

    def axes(self) -> tuple[int, ...]:
        found = self._config.get("axis")
        axes = found if isinstance(found, tuple) else (found,)
        if not axes or not all(type(one) is int for one in axes):
            raise _UnknownError("axis")
        return axes

    def absent(self, *keys: str) -> None:
        if any(self._config.get(key) for key in keys):
            raise _UnknownError(*keys)

    def length(self, axis: int) -> int | None:
        """Length of one axis of the input; None where the config does not say."""
        if self.input is None:
            return None
        if not -len(self.input) <= axis < len(self.input):
            raise _UnknownError("axis")
        return self.input[axis]

    def channels(self) -> int | None:
        first = self._config.get("data_format") == "channels_first"
        return self.length(1 if first else -1)

    def biased(self, length: int | None) -> Iterator[Expected]:
        if self.flag("use_bias"):
            yield Expected("bias", (length,))


def _dense(said: _Settings) -> Iterator[Expected]:
    units = said.number("units")
    yield Expected("kernel", (said.length(-1), units))
    yield from said.biased(units)


def _embedding(said: _Settings) -> Iterator[Expected]:
    yield Expected("embeddings", (said.number("input_dim"), said.number("output_dim")))


def _convolution(said: _Settings) -> Iterator[Expected]:
    filters, groups, channels = said.number("filters"), said.number("groups"), said.channels()
    inward = None if channels is None else channels // groups
    yield Expected("kernel", (*said.lengths("kernel_size"), inward, filters))
    yield from said.biased(filters)


def _transposed(said: _Settings) -> Iterator[Expected]:
    filters = said.number("filters")
    yield Expected("kernel", (*said.lengths("kernel_size"), filters, said.channels()))
    yield from said.biased(filters)


def _depthwise(said: _Settings) -> Iterator[Expected]:
    channels, multiplier = said.channels(), said.number("depth_multiplier")
    yield Expected("kernel", (*said.lengths("kernel_size"), channels, multiplier))
    yield from said.biased(None if channels is None else channels * multiplier)


def _separable(said: _Settings) -> Iterator[Expected]:
    channels, multiplier, filters = said.channels(), said.number("depth_multiplier"), said.number("filters")
    size = said.lengths("kernel_size")
    inward = None if channels is None else channels * multiplier
    yield Expected("depthwise_kernel", (*size, channels, multiplier))
    yield Expected("pointwise_kernel", (*(1 for _ in size), inward, filters))
    yield from said.biased(filters)


def _batch_normalization(said: _Settings) -> Iterator[Expected]:
    said.absent("renorm")
    axes = said.axes()
    shape = (said.length(axes[0]),) if len(axes) == 1 else (None,) * len(axes)
    names = [name for name, key in (("gamma", "scale"), ("beta", "center")) if said.flag(key)]
    for name in (*names, "moving_mean", "moving_variance"):
        yield Expected(name, shape)


def _layer_normalization(said: _Settings) -> Iterator[Expected]:
    said.absent("rms_scaling")
    shape = tuple(said.length(axis) for axis in said.axes())
    for name, key in (("gamma", "scale"), ("beta", "center")):
        if said.flag(key):
            yield Expected(name, shape)


def _recurrent(gates: int) -> Callable[[_Settings], Iterator[Expected]]:
    def weights(said: _Settings) -> Iterator[Expected]:
        units = said.number("units")
        yield Expected("kernel", (said.length(-1), gates * units))
        yield Expected("recurrent_kernel", (units, gates * units))
        if said.flag("use_bias"):
            rows = (2,) if gates == 3 and said.flag("reset_after") else ()
            yield Expected("bias", (*rows, gates * units))

    return weights


_OF_CLASS: Mapping[str, Callable[[_Settings], Iterator[Expected]]] = {
    "BatchNormalization": _batch_normalization,
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _convolution),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _transposed),
    "Dense": _dense,
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    "Embedding": _embedding,
    "GRU": _recurrent(3),
    "LSTM": _recurrent(4),
    "LayerNormalization": _layer_normalization,
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    "SimpleRNN": _recurrent(1),
}
_OF_CELL = frozenset({"GRU", "LSTM", "SimpleRNN"})


def expected_weights(layer: Node) -> ExpectedWeights | None:
    """The weights that a layer of Keras has; None where its config does not say, or nothing is known of its class."""
    weights = _OF_CLASS.get(layer.class_name)
    if weights is None or not _is_plain(layer.config):
        return None
    try:
        return ExpectedWeights(tuple(weights(_Settings(layer))), "cell" if layer.class_name in _OF_CELL else "")
    except _UnknownError:
        return None


def is_built(layer: Node) -> bool:
    """Whether its weights were there when it was saved."""
    return built_for(layer) is not None


def _is_plain(config: Mapping[str, Any]) -> bool:
    """Whether a layer is neither quantised nor given further matrices."""
    policy = config.get("dtype")
    if isinstance(policy, Node):
        if policy.class_name not in ("DTypePolicy", "Policy"):
            return False
        policy = policy.name
    return not any(config.get(key) for key in _ADAPTED) and "_from_" not in str(policy)
