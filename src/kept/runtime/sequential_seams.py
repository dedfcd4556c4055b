"""Private Keras API of Sequential models; see `keras_seams`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from .keras_seams import replaced

__all__ = ["building_once"]


@contextmanager
def building_once() -> Iterator[None]:
    """Keras builds a Sequential model anew for each layer that its config adds; here it is built with the last one."""
    kind = keras.Sequential
    if not {"from_config", "add"} <= vars(kind).keys():
        yield
        return
    code = kind.from_config.__func__.__code__
    original = vars(kind)["add"]

    def add(model: Any, layer: Any, rebuild: bool = True) -> None:
        caller = sys._getframe(1)
        if rebuild and caller.f_code is code:
            rebuild = len(model._layers) + 1 >= len(caller.f_locals.get("layer_configs", ()))
        original(model, layer, rebuild)

    with replaced(kind, "add", add):
        yield
