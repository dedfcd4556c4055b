"""The state of the other callbacks of a fit: those of their attributes that a training changes."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter
from collections.abc import Collection
from typing import Any

import keras

from ...errors import KeptWarning
from .. import keras_seams as seams
from ..codecs import NotEncodable, encode
from ..state import ExtraState

__all__ = ["CallbackStates", "put_back"]

_NOT_STATE = frozenset({"_model", "model", "params"})


class _Marks:
    """Tells values apart without keeping anything; an array, which may change in place, is never the same."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def keep_array(self, array: Any) -> str:
        return str(next(self._numbers))

    def refer(self, obj: Any, name: str = "") -> str:
        return str(id(obj))

    def keep_object(self, obj: Any) -> int:
        return id(obj)


class CallbackStates:
    """What the callbacks are before the training, so that what it changes can be told.

    Args:
        callbacks: The callbacks, after their `on_train_begin`.
    """

    def __init__(self, callbacks: Collection[Any]) -> None:
        self._marks = _Marks()
        self._callbacks = _named(callbacks)
        self._before = {name: {key: (one, self._mark(one)) for key, one in _state(callback).items()}
                        for name, callback in self._callbacks.items()}  # fmt: skip
        self._told = False

    def encoded(self, keeper: ExtraState, parts: Collection[int]) -> dict[str, Any]:
        """What has changed, as JSON. What has, or may have, and cannot be written is named in one warning.

        Args:
            keeper: Takes arrays and references.
            parts: `id` of each object of the model, which is written with it.
        """
        codes: dict[str, Any] = {}
        lost: list[str] = []
        for name, callback in self._callbacks.items():
            codes[name] = {}
            for key, value in _state(callback).items():
                before, mark = self._before[name].get(key, (None, ""))
                if mark is not None and self._mark(value) == mark:
                    continue
                try:
                    codes[name][key] = keeper.encode(value)
                except NotEncodable:
                    if not _is_harmless(callback, value, value is before) and id(value) not in parts:
                        lost.append(f"{type(callback).__name__}.{key}")
        if lost and not self._told:
            self._told = True
            warnings.warn(
                f"a resumed training will not have the state of {', '.join(lost)}: no codec knows such values "
                f"(kept.register_codec teaches one)",
                KeptWarning,
                stacklevel=2,
            )
        return codes

    def _mark(self, value: Any) -> Any:
        """What is equal for equal values; None for those that cannot be written."""
        try:
            return encode(value, self._marks)
        except NotEncodable:
            return None


def put_back(callbacks: Collection[Any], states: dict[str, dict[str, Any]]) -> None:
    """Gives callbacks their state back; one that is not there any more is named in a warning."""
    found = _named(callbacks)
    for name, attributes in states.items():
        if name in found:
            for key, value in attributes.items():
                setattr(found[name], key, value)
    missing = [name for name, attributes in states.items() if attributes and name not in found]
    if missing:
        warnings.warn(
            f"the checkpoint has the state of callbacks that this fit does not have: {', '.join(missing)}",
            KeptWarning,
            stacklevel=2,
        )


def _named(callbacks: Collection[Any]) -> dict[str, Any]:
    """Callbacks by their class and their number among those of that class."""
    numbers: Counter[str] = Counter()
    found = {}
    for one in callbacks:
        kind = f"{type(one).__module__}.{type(one).__qualname__}"
        found[f"{kind}#{numbers[kind]}"] = one
        numbers[kind] += 1
    return found


def _state(callback: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(callback).items() if name not in _NOT_STATE}


def _is_harmless(callback: Any, value: Any, same: bool) -> bool:
    """Whether nothing is lost with a value that cannot be written."""
    if seams.is_keras_own(type(callback)):
        return True  # what they hold beside plain values (files, writers) they make anew
    return same and callable(value) and not isinstance(value, keras.layers.Layer)
