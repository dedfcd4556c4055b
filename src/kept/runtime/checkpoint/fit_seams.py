"""Private Keras API of a fit, each use behind a small name; see `keras_seams`."""

from __future__ import annotations

import sys
import types
from typing import Any

import keras

__all__ = ["direction", "list_of", "skip_batches", "skip_nothing", "start_at"]

_FRAMES = 6  # between a callback's `set_model` and that of the list, whatever the callback derives from


def list_of(callback: Any) -> Any:
    """The `CallbackList` that is handing the model to a callback; None where something else calls `set_model`."""
    frame: types.FrameType | None = sys._getframe(1)
    for _ in range(_FRAMES):
        if frame is None:
            break
        found = frame.f_locals.get("self")
        if isinstance(found, keras.callbacks.CallbackList) and any(one is callback for one in found.callbacks):
            return found
        frame = frame.f_back
    return None


def start_at(model: Any, epoch: int | None) -> int | None:
    """Lets the fit that has just begun start with this epoch, and not with its `initial_epoch`.

    Args:
        model: The model.
        epoch: The epoch; None, as it is between two fits, leaves it to `initial_epoch`.

    Returns:
        What was set before.
    """
    before: int | None = getattr(model, "_initial_epoch", None)
    model._initial_epoch = epoch
    return before


def skip_batches(model: Any, calls: int, logs: dict[str, float]) -> None:
    """Takes the batches of the next calls of the train function from the data, and does nothing with them.

    Args:
        model: The model of a running fit.
        calls: How many calls, at least one.
        logs: What they return.
    """
    train = model.train_function
    left = calls

    def skip(*args: Any) -> Any:
        nonlocal left
        _take(args[-1], model.steps_per_execution)
        left -= 1
        if not left:
            model.train_function = train
        return (dict(logs), args[0]) if keras.backend.backend() == "jax" else dict(logs)

    skip.instead_of = train  # type: ignore[attr-defined]
    model.train_function = skip


def skip_nothing(model: Any) -> None:
    """Takes back what `skip_batches` did, for a fit that was ended before it was through."""
    model.train_function = getattr(model.train_function, "instead_of", model.train_function)


def _take(data: Any, count: int) -> None:
    """Takes batches; where a Keras hands over the batches themselves, it has taken them already."""
    if not hasattr(data, "__next__"):
        return
    next(data)
    for _ in range(count - 1):
        next(data, None)  # the last call of an epoch may have fewer


def direction(model: Any, name: str) -> str | None:
    """Whether a metric of a compiled model is better when it is "up" or "down"; None where it does not say."""
    parts = [one for part in model.metrics for one in (part, *getattr(part, "metrics", ()))]
    found = (getattr(one, "_direction", None) for one in parts if getattr(one, "name", None) == name)
    return next((one for one in found if one in ("up", "down")), None)
