"""The arguments with which an object was constructed, noted while it is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras

from .keras_seams import is_keras_own

__all__ = ["CALL", "capture_calls", "capture_class", "captured_arguments", "note_call"]

CALL = "_kept_call"


def captured_arguments(obj: Any) -> dict[str, Any]:
    """The arguments of the constructor call by parameter name, where `capture_calls` saw it; else empty."""
    call = getattr(obj, "__dict__", {}).get(CALL)
    if call is None:
        return {}
    try:
        signature = inspect.signature(type(obj).__init__)
        bound = signature.bind(None, *call[0], **call[1])
    except (TypeError, ValueError):
        return {}
    named = dict(list(bound.arguments.items())[1:])
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            named |= named.pop(parameter.name, {})
    return named


def note_call(made: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Notes with which arguments an object was constructed."""
    if hasattr(made, "__dict__"):
        vars(made)[CALL] = (args, dict(kwargs))


def capture_calls() -> Callable[[], None]:
    """Notes the arguments of every constructor call of a user's layer, model, loss, optimizer... from now on.

    `Model.__new__` drops them before Keras's own record is made.

    Returns:
        What ends it.
    """
    originals = []
    for owner in dict.fromkeys(map(_maker, (keras.Operation, keras.Model, *_MADE_BY_OBJECT))):
        original = vars(owner).get("__new__", _object_new)
        original = original.__func__ if isinstance(original, staticmethod) else original
        originals.append((owner, original))
        owner.__new__ = _noting(original)

    def end() -> None:
        for owner, original in originals:
            owner.__new__ = original

    return end


_MADE_BY_OBJECT = (
    keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer, keras.initializers.Initializer,
    keras.regularizers.Regularizer, keras.constraints.Constraint, keras.optimizers.schedules.LearningRateSchedule,
)  # fmt: skip


def capture_class(kind: Any) -> None:
    """Notes the arguments of every constructor call of one class, and of those derived from it, from now on."""
    original = kind.__new__
    if getattr(original, "__kept__", False) or kind.__init__ is object.__init__:
        return
    setattr(kind, "__new__", _noting(_object_new if original is object.__new__ else original))  # noqa: B010


def _maker(kind: type) -> Any:
    """The class whose `__new__` makes the objects of a kind; the kind itself where that would be `object`."""
    return next((base for base in kind.__mro__[:-1] if "__new__" in vars(base)), kind)


def _object_new(cls: type, *args: Any, **kwargs: Any) -> Any:
    """What `object.__new__` does for a class with an `__init__`.

    It stays behind when the capture ends: once a class had a `__new__`, taking it away leaves CPython unable to pass
    arguments to its constructor (github.com/python/cpython/issues/49572).
    """
    return object.__new__(cls)


def _noting(original: Any) -> Any:
    @functools.wraps(original)
    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        made = original(cls, *args, **kwargs)
        if (args or kwargs) and not is_keras_own(cls) and isinstance(made, cls):
            note_call(made, args, kwargs)
        return made

    __new__.__kept__ = True  # type: ignore[attr-defined]
    return __new__
