"""Layers that were quantised or given LoRA matrices after they were built; done again, since code builds them plain."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from ..errors import CorruptFileError, shown
from .causes import explaining
from .walk import Place

__all__ = ["Adaptation", "adapt", "adaptations"]


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What was done to one layer.

    Attributes:
        mode: How it was quantised (`int8`); None when it was not.
        config: Keras's config of that quantisation; None for the usual one.
        rank: Of its LoRA matrices; None without them.
        alpha: Scale of its LoRA matrices; None for the usual one.
    """

    mode: str | None = None
    config: dict[str, Any] | None = None
    rank: int | None = None
    alpha: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {"mode": self.mode, "config": self.config, "rank": self.rank, "alpha": self.alpha}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Adaptation:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: The data have another shape.
        """
        mode, config, rank, alpha = (data[name] for name in ("mode", "config", "rank", "alpha"))
        kinds = ((mode, str | None), (config, dict | None), (rank, int | None), (alpha, int | float | None))
        if not all(isinstance(value, kind) for value, kind in kinds) or not _is_harmless(config):
            raise CorruptFileError("kept.state names no way to adapt a layer", found=shown(dict(data)))
        return cls(mode, config, rank, alpha)


def adaptations(places: list[Place]) -> dict[str, Adaptation]:
    """What was done to the layers of a model, by object path."""
    found = {}
    for place in places:
        layer = place.value
        if not isinstance(layer, keras.layers.Layer) or not layer.built:
            continue
        mode = _mode(layer)
        lora = bool(getattr(layer, "lora_enabled", False))
        if mode is None and not lora:
            continue
        config = getattr(layer, "quantization_config", None) if mode else None
        told = keras.saving.serialize_keras_object(config) if config is not None else None
        alpha = getattr(layer, "lora_alpha", None)
        found[place.path] = Adaptation(
            mode,
            told if _is_harmless(told) else None,
            int(layer.lora_rank) if lora else None,
            float(alpha) if lora and alpha is not None else None,
        )
    return found


def _is_harmless(config: Any) -> bool:
    """Whether a config names nothing but Keras's own quantizers."""
    if isinstance(config, dict):
        if "class_name" in config:
            known = getattr(keras.quantizers, str(config["class_name"]), None)
            if config.get("module") != "keras.quantizers" or not isinstance(known, type):
                return False
        return all(_is_harmless(one) for one in config.values())
    return all(_is_harmless(one) for one in config) if isinstance(config, (list, tuple)) else True


def adapt(layers: Mapping[str, Any], wanted: Mapping[str, Adaptation]) -> None:
    """Quantises layers and gives them LoRA matrices, where that has not been done.

    Args:
        layers: Layers of the model by object path; those that are not there are left to the accounting.
        wanted: What `adaptations` gave.
    """
    for path, one in wanted.items():
        layer = layers.get(path)
        if not isinstance(layer, keras.layers.Layer) or not layer.built:
            continue
        with explaining(f"{path} cannot be adapted as it was"):
            if one.mode is not None and _mode(layer) is None:
                _quantize(layer, one)
            if one.rank is not None and not getattr(layer, "lora_enabled", False):
                _give_lora(layer, one.rank, one.alpha)


def _mode(layer: Any) -> str | None:
    mode = getattr(layer.dtype_policy, "quantization_mode", None)
    return str(mode) if mode is not None else None


def _quantize(layer: Any, one: Adaptation) -> None:
    accepted = inspect.signature(type(layer).quantize).parameters
    given: dict[str, Any] = {"type_check": False} if "type_check" in accepted else {}
    if one.config is not None and "config" in accepted:
        given["config"] = keras.saving.deserialize_keras_object(one.config)
    layer.quantize(one.mode, **given)


def _give_lora(layer: Any, rank: int, alpha: float | None) -> None:
    accepted = inspect.signature(layer.enable_lora).parameters
    layer.enable_lora(rank, **({"lora_alpha": alpha} if alpha is not None and "lora_alpha" in accepted else {}))
