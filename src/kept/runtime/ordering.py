"""The order in which a layer counts its parts: code that makes them in another order must not move `model.weights`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras

from . import keras_seams as seams
from .meaning import meanings
from .walk import walk

__all__ = ["order_as_saved"]


def order_as_saved(model: Any, meant: Iterable[str]) -> None:
    """Puts the sublayers and variables that layers track into the order of the save, where all of them are known.

    Args:
        model: A model whose optimizer is not built.
        meant: What the tensors of the file mean, in the order of the saved model's weights.
    """
    rank = {meaning: index for index, meaning in enumerate(meant)}
    known = meanings(list(walk(model)))

    def of_variable(variable: Any) -> int | None:
        return rank.get(known.get(id(variable), ""))

    def of_layer(layer: Any) -> int | None:
        found = [one for variable in layer.weights if (one := of_variable(variable)) is not None]
        return min(found, default=None)

    for layer in seams.flat_layers(model):
        for variables in seams.tracked_variables(layer):
            _sort(variables, of_variable)
        if not isinstance(layer, keras.Sequential):  # whose list is the very model
            _sort(seams.tracked_layers(layer), of_layer)


def _sort(parts: list[Any], rank: Callable[[Any], int | None]) -> None:
    """Sorts the parts that have a rank among their own places."""
    ranked = [(place, number) for place, part in enumerate(parts) if (number := rank(part)) is not None]
    numbers = [number for _, number in ranked]
    if numbers == sorted(numbers):
        return
    before = list(parts)
    for (place, _), (source, _) in zip(ranked, sorted(ranked, key=lambda one: one[1]), strict=True):
        parts[place] = before[source]
