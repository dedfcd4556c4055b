"""Private Keras API of making layers, whose way is long where the answer is short; see `keras_seams`.

For each layer Keras asks Python for the signatures of the same few methods, and for each attribute whether it is
something that a layer, or its backend, has to know of: a text, a number or None never is. It asks so of each word of a
vocabulary, too.
"""

from __future__ import annotations

import importlib
import inspect
import types
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import keras

from .keras_seams import replaced

__all__ = ["making_quickly"]

_ASKING = ("keras.src.ops.operation", "keras.src.layers.layer")
_PLAIN = frozenset({str, int, float, bool, type(None)})

# Modules whose `__setattr__` stand behind that of Keras's layers, each known to put plain values into the object as is.
_BEHIND = {
    "jax": [],
    "tensorflow": ["keras.src.backend.tensorflow.trackable", "tensorflow.python.trackable.autotrackable"],
    "torch": ["torch.nn.modules.module"],
}
_ELSEWHERE = ("_parameters", "_modules", "_buffers")  # where Torch puts attributes that are no plain values


@contextmanager
def making_quickly() -> Iterator[None]:
    """While layers are made, signatures are remembered, and attributes that are plain values are set at once."""
    with ExitStack() as patches:
        signatures = _Signatures()
        for name in _ASKING:
            module = importlib.import_module(name)
            if getattr(module, "inspect", None) is inspect:
                patches.enter_context(replaced(module, "inspect", signatures))
        tracker = importlib.import_module("keras.src.utils.tracking").Tracker
        patches.enter_context(_setting_plain_values(tracker))
        patches.enter_context(_tracking_no_plain_values(tracker))
        yield


class _Signatures:
    """The module `inspect`, which remembers what it said of plain functions."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[tuple[Any, ...], Any]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(inspect, name)

    def signature(self, asked: Any) -> Any:
        return self._remembered(inspect.signature, asked)

    def getfullargspec(self, asked: Any) -> Any:
        return self._remembered(inspect.getfullargspec, asked)

    def _remembered(self, ask: Callable[[Any], Any], asked: Any) -> Any:
        is_bound = type(asked) is types.MethodType
        function = asked.__func__ if is_bound else asked
        if type(function) is not types.FunctionType or vars(function):  # such as `__wrapped__` and `__signature__`
            return ask(asked)
        told_by = function.__code__, function.__defaults__, function.__kwdefaults__, function.__annotations__
        before, answer = self._known.get((ask, function, is_bound), ((), None))
        if len(before) != len(told_by) or any(one is not other for one, other in zip(before, told_by, strict=True)):
            answer = ask(asked)
            self._known[ask, function, is_bound] = told_by, answer
        return answer


@contextmanager
def _setting_plain_values(tracker: type) -> Iterator[None]:
    kind, backend = keras.layers.Layer, keras.backend.backend()
    hook = getattr(kind, "_setattr_hook", None)
    if "__setattr__" not in vars(kind) or hook is None or _modules_behind(kind) != _BEHIND.get(backend):
        yield
        return
    original = vars(kind)["__setattr__"]
    known: dict[type, bool] = {}

    def set_attribute(layer: Any, name: str, value: Any) -> Any:
        if type(value) not in _PLAIN or name == "_tracker":
            return original(layer, name, value)
        is_plain = known.get(type(layer))
        if is_plain is None:
            one = type(layer)
            is_plain = known[one] = one._setattr_hook is hook and _modules_behind(one) == _BEHIND[backend]
        own = layer.__dict__
        if not is_plain or type(own.get("_tracker")) is not tracker:
            return original(layer, name, value)
        if backend == "torch" and any(name in own.get(held, ()) for held in _ELSEWHERE):
            return original(layer, name, value)
        if backend == "tensorflow":
            try:
                if getattr(layer, name) is value:
                    return None  # as TensorFlow does
            except AttributeError:
                pass
        return object.__setattr__(layer, name, value)

    with replaced(kind, "__setattr__", set_attribute):
        yield


def _tracking_no_plain_values(tracker: type) -> AbstractContextManager[None]:
    """A vocabulary is a list whose every word Keras asks for being a layer."""
    original: Callable[[Any, Any], Any] | None = vars(tracker).get("track")
    if original is None:
        return nullcontext()
    return replaced(tracker, "track", lambda self, value: value if type(value) in _PLAIN else original(self, value))


def _modules_behind(kind: type) -> list[str]:
    """The modules of the `__setattr__` that a layer's own calls, one after the other."""
    after = kind.__mro__[kind.__mro__.index(keras.layers.Layer) + 1 : -1]
    return [vars(base)["__setattr__"].__module__ for base in after if "__setattr__" in vars(base)]
