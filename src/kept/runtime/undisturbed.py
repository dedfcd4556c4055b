"""The caller's model, its random streams and its optimizer stay exactly as they were, whatever kept tries with them."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from . import keras_seams as seams
from .snapshot import as_array
from .state import assign
from .values import NotEncodable, decode, digest_array, encode
from .walk import Place, is_variable, own_attributes

__all__ = ["undisturbed"]

_CACHES = ("train_function", "test_function", "predict_function", "_jax_state_synced", "stop_training", "history")


@contextmanager
def undisturbed(model: Any, places: list[Place], *, trained: bool = False) -> Iterator[None]:
    """Puts a model back as it was on entry.

    Args:
        model: The live model.
        places: What `walk(model)` gave.
        trained: True when a training step may run inside: then every variable is held, else those that inference may
            change (held by reference on JAX, whose arrays do not change; a training step deletes them).
    """
    held = [_Held(place) for place in places if not is_variable(place.value) and hasattr(place.value, "__dict__")]
    variables = [(place.value, _copy(place.value, trained)) for place in places if _may_change(place, trained)]
    caches = {name: vars(model)[name] for name in _CACHES if name in vars(model)}
    streams = _RandomStreams()
    counters = dict(seams.name_counters())
    try:
        yield
    finally:
        for variable, value in variables:
            assign(variable, value)
        for one in held:
            one.put_back()
        vars(model).update(caches)
        streams.put_back()
        live = seams.name_counters()
        live.clear()
        live.update(counters)


def _may_change(place: Place, trained: bool) -> bool:
    if not is_variable(place.value):
        return False
    if trained:
        return True
    return not getattr(place.value, "trainable", False) and not place.path.startswith("model.optimizer")


def _copy(variable: Any, trained: bool) -> Any:
    if keras.backend.backend() == "jax" and isinstance(variable, keras.Variable) and not trained:
        return variable.value
    return np.array(as_array(variable))


class _Held:
    """Plain attributes of one object, to be put back in place."""

    def __init__(self, place: Place) -> None:
        self.value = place.value
        self.plain: dict[str, tuple[Any, Any, Any]] = {}
        for name, attribute in own_attributes(place.value).items():
            code = _code(attribute)
            if code is not None:
                self.plain[name] = (attribute, _plain_copy(attribute), code)

    def put_back(self) -> None:
        namespace = vars(self.value)
        for name, (original, saved, code) in self.plain.items():
            if _code(namespace.get(name)) == code and namespace.get(name) is original:
                continue
            if name in namespace or name not in dir(type(self.value)):
                _refill(original, saved)
                namespace[name] = original
        for name in [name for name, now in own_attributes(self.value).items() if name not in self.plain]:
            if name in namespace and _code(namespace[name]) is not None and name not in _CACHES:
                del namespace[name]


def _code(value: Any) -> Any:
    """A value in comparable form, or None for what is not plain."""
    try:
        return [encode(value, digest_array)]
    except NotEncodable:
        return None


def _plain_copy(value: Any) -> Any:
    """A copy without the trackers that Keras hangs on its lists and dicts."""
    arrays: dict[str, np.ndarray] = {}

    def store(array: np.ndarray) -> str:
        arrays[str(len(arrays))] = np.array(array)
        return str(len(arrays) - 1)

    return decode(encode(value, store), arrays)


def _refill(original: Any, saved: Any) -> None:
    """Gives a mutable container its old content back, so that whoever else holds it sees it too."""
    if isinstance(original, list):
        original[:] = saved
    elif isinstance(original, (dict, set)):
        original.clear()
        original.update(saved)
    elif isinstance(original, np.ndarray) and original.flags.writeable:
        original[...] = saved


class _RandomStreams:
    """State of the random generators that a forward pass may advance."""

    def __init__(self) -> None:
        self.python = random.getstate()
        self.numpy = np.random.get_state()
        self.torch = sys.modules["torch"].get_rng_state() if "torch" in sys.modules else None
        self.keras = seams.global_rng()
        self.keras_state = None if self.keras is None else np.array(as_array(self.keras.state))

    def put_back(self) -> None:
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        if self.torch is not None:
            sys.modules["torch"].set_rng_state(self.torch)
        seams.set_global_rng(self.keras)
        if self.keras is not None:
            assign(self.keras.state, self.keras_state)
