"""The caller's model, its random streams and its optimizer stay exactly as they were, whatever kept tries with them."""

from __future__ import annotations

import random
import types
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np

from . import keras_seams as seams
from .backends import as_array
from .random_streams import RandomStreams
from .state import assign
from .walk import Place, is_variable, own_attributes

__all__ = ["undisturbed"]

_DEPTH = 32
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
    held = [_Held(place.value) for place in places if not is_variable(place.value)]
    steady = set() if trained else _weights_of_keras(places)
    changing = [place.value for place in places if _may_change(place, trained) and id(place.value) not in steady]
    variables = [(variable, _copy(variable, trained)) for variable in changing]
    caches = {name: vars(model)[name] for name in _CACHES if name in vars(model)}
    generator, streams = seams.global_rng(), RandomStreams.now()
    counters = dict(seams.name_counters())
    try:
        yield
    finally:
        for variable, value in variables:
            assign(variable, value)
        for one in held:
            one.put_back()
        vars(model).update(caches)
        seams.set_global_rng(generator)
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


def _weights_of_keras(places: list[Place]) -> set[int]:
    """`id` of what the layers of Keras itself train: inference leaves it alone, also where it is frozen."""
    layers = [one.value for one in places if isinstance(one.value, keras.layers.Layer)]
    own = (layer for layer in layers if seams.is_keras_own(type(layer)))
    return {id(variable) for layer in own for variable in seams.made_trainable(layer)}


def _copy(variable: Any, trained: bool) -> Any:
    if keras.backend.backend() == "jax" and isinstance(variable, keras.Variable) and not trained:
        return variable.value
    return np.array(as_array(variable))


class _Held:
    """What one object holds beside variables and Keras's objects, which are places of their own."""

    def __init__(self, value: Any) -> None:
        self.value = value
        own = own_attributes(value)
        self.names = set(own)
        self.attributes = {
            name: (one, _restorer(one))
            for name, one in own.items()
            if not isinstance(one, seams.Saveable) and not is_variable(one)
        }

    def put_back(self) -> None:
        namespace = getattr(self.value, "__dict__", {})
        now = own_attributes(self.value)
        for name, (original, restore) in self.attributes.items():
            if name not in now or now[name] is not original:
                self._rebind(namespace, name, original)
            restore()
        for name in set(now) - self.names - set(_CACHES):
            if name in namespace and not isinstance(now[name], seams.Saveable) and not is_variable(now[name]):
                del namespace[name]

    def _rebind(self, namespace: dict[str, Any], name: str, original: Any) -> None:
        if isinstance(getattr(type(self.value), name, None), types.MemberDescriptorType):  # a slot
            object.__setattr__(self.value, name, original)
        else:
            namespace[name] = original


def _nothing() -> None:
    pass


def _restorer(value: Any, depth: int = 0) -> Callable[[], None]:
    """What gives a mutable value its content back in place, so that whoever else holds it sees it too."""
    if depth > _DEPTH:
        return _nothing
    if isinstance(value, (list, tuple, dict, set, deque)):
        return _container_restorer(value, depth)
    if isinstance(value, np.ndarray) and value.flags.writeable:
        return partial(np.copyto, value, value.copy())
    if isinstance(value, bytearray):
        content = bytes(value)
        return lambda: value.__setitem__(slice(None), content)
    if isinstance(value, random.Random):
        return partial(value.setstate, value.getstate())
    if isinstance(value, np.random.RandomState):
        return partial(value.set_state, value.get_state())
    if isinstance(value, np.random.Generator):
        return partial(setattr, value.bit_generator, "state", value.bit_generator.state)
    return _nothing


def _container_restorer(value: Any, depth: int) -> Callable[[], None]:
    before = _parts(value)
    inner = [one for part in before if (one := _restorer(part, depth + 1)) is not _nothing]
    saved = dict(value) if isinstance(value, dict) else list(value)

    def restore() -> None:
        if [id(one) for one in _parts(value)] != [id(one) for one in before]:
            if isinstance(value, list):
                value[:] = saved
            else:
                value.clear()
                (value.extend if isinstance(value, deque) else value.update)(saved)
        for one in inner:
            one()

    return restore if inner or not isinstance(value, tuple) else _nothing


def _parts(value: Any) -> list[Any]:
    return [*value, *value.values()] if isinstance(value, dict) else list(value)
