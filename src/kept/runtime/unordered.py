"""Layers and variables in a set: they have no order, so a weight could come back as another's."""

from __future__ import annotations

import re

import keras

from ..errors import Problem, SerializationError
from .walk import Place, is_variable

__all__ = ["refuse_layers_in_sets", "unordered_sets"]

_IN_A_SET = re.compile(r"^(.*)\{([1-9]\d*)\}$")


def unordered_sets(places: list[Place]) -> dict[str, int]:
    """Object path of each set that holds several objects, layers or variables among them -> how many."""
    sets: dict[str, int] = {}
    for place in places:
        found = _IN_A_SET.match(place.path)
        if found and (isinstance(place.value, keras.layers.Layer) or is_variable(place.value)):
            sets[found[1]] = int(found[2]) + 1
    return sets


def refuse_layers_in_sets(places: list[Place]) -> None:
    """Refuses models that keep two or more layers or variables in one set.

    Python orders a set by memory addresses: `model.weights` then differs from process to process.

    Raises:
        SerializationError: Lists the sets.
    """
    sets = unordered_sets(places)
    if sets:
        raise SerializationError(
            "layers in a set have no order that could be kept",
            problems=[
                Problem(f"a set of {count} objects", where, expected="a list", hint="keep them in a list or a dict")
                for where, count in sets.items()
            ],
        )
