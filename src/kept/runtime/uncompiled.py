"""A model as it would be had nobody compiled it: without optimizer, losses and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import keras

from . import keras_seams as seams

__all__ = ["uncompiled"]


@cache
def _before_compile() -> tuple[dict[str, Any], frozenset[str]]:
    """What a model that is not compiled has under the attributes that `compile` sets, and those it has not."""
    counters = dict(seams.name_counters())
    model = keras.Model()
    before = dict(vars(model))
    model.compile(loss="mse", metrics=["mae"])
    names = [name for name, value in vars(model).items() if name not in before or before[name] is not value]
    live = seams.name_counters()
    live.clear()
    live.update(counters)
    return {name: before[name] for name in names if name in before}, frozenset(names) - before.keys()


@contextmanager
def uncompiled(model: Any) -> Iterator[None]:
    """Takes from a live model what `compile` gave it, and gives it back in the end.

    Nothing is assigned through the model, whose own bookkeeping shall notice nothing.
    """
    plain, absent = _before_compile()
    namespace = vars(model)
    held = {name: namespace[name] for name in (*plain, *absent) if name in namespace}
    namespace.update({name: value for name, value in plain.items() if name in namespace})
    for name in absent:
        namespace.pop(name, None)
    try:
        yield
    finally:
        namespace.update(held)
