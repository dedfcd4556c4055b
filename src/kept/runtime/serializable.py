"""Classes and functions that their author declares to be parts of models."""

from __future__ import annotations

import types
from typing import Any

import keras

from ..errors import SerializationError, shown
from .capture import capture_class

__all__ = ["declare"]


def declare(target: Any, package: str | None, name: str | None) -> Any:
    """See `kept.serializable`."""
    if not isinstance(target, (type, types.FunctionType)):
        raise SerializationError(
            "only a class or a function can be declared serializable",
            expected="@kept.serializable above a class or def",
            found=shown(target),
        )
    if isinstance(target, type):
        capture_class(target)
        if not hasattr(target, "get_config"):
            return target  # no part of Keras's: a value, which Keras does not register
    chosen = package or _package_of(target)
    taken = keras.saving.get_custom_objects().get(f"{chosen}>{name or target.__name__}")
    if taken is not None and (taken.__module__, taken.__qualname__) != (target.__module__, target.__qualname__):
        raise SerializationError(
            f"the name {chosen}>{name or target.__name__} is taken",
            expected="one class or function for each name",
            found=f"{taken.__module__}:{taken.__qualname__}",
            hint="give package= or name=",
        )
    return keras.saving.register_keras_serializable(chosen, name)(target)


def _package_of(target: Any) -> str:
    top: str = target.__module__.partition(".")[0]
    return "Custom" if top == "__main__" else top
