"""`kept.restore`: the model of the newest checkpoint, and where its training stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

import keras

from ...errors import SerializationError
from ...position import Position
from ..load import load
from .folder import EXTENSION
from .saved import newest, opened

__all__ = ["restore"]


def restore(
    model_or_factory: Any,
    folder: str | os.PathLike[str],
    *,
    custom_objects: Mapping[str, Any] | None = None,
    trusted: Collection[str] = (),
) -> tuple[Any, Position]:
    """See `kept.restore`."""
    is_model = isinstance(model_or_factory, keras.Model)
    if not is_model and not callable(model_or_factory):
        raise SerializationError(
            "this is neither a model nor what makes one",
            expected="a keras.Model, or a function without arguments that returns one",
            found=repr(type(model_or_factory)),
        )
    entry = newest(os.path.abspath(os.fspath(folder)))
    if entry is None:
        return model_or_factory if is_model else _made_by(model_or_factory), Position()
    with opened(entry.path, custom_objects=custom_objects, trusted=trusted) as found:
        if is_model:
            model = model_or_factory
        elif entry.path.endswith(EXTENSION):
            model = load(entry.path, custom_objects, trusted=trusted)
        else:
            model = _made_by(model_or_factory)
        if is_model or not entry.path.endswith(EXTENSION):
            found.put_into(model)
        saved = found.saved()
    saved.streams.put_back()
    return model, saved.position


def _made_by(factory: Callable[[], Any]) -> Any:
    model = factory()
    if not isinstance(model, keras.Model):
        raise SerializationError("the function makes no model", expected="a keras.Model", found=repr(type(model)))
    return model
