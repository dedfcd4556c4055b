"""Layers, losses, initializers and all else that Keras makes from a config."""

from __future__ import annotations

from typing import Any

from ..keras_seams import Saveable
from .base import Codec

__all__ = ["CODECS"]


def _is_of_keras(value: Any) -> bool:
    if isinstance(value, type):
        return False
    return isinstance(value, Saveable) or (hasattr(type(value), "get_config") and hasattr(type(value), "from_config"))


CODECS = (
    Codec(
        "keras", "objects of Keras: layers, models, losses, metrics, initializers, ...",
        lambda value, e: {"value": e.keeper.keep_object(value)}, lambda code, d: d.shelf.object(code["value"]),
        accepts=_is_of_keras, rank=15,
    ),
)  # fmt: skip
