"""What a tensor means in its model: a path that stays when code makes the same parts in another order.

Keras names tensors by class and count (`layers/dense_1`), so that two layers that change places change their weights.
Here a layer in a list or a graph goes by the name that its user gave it, one in a dict by its key, and a slot of an
optimizer by the variable that it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from . import keras_seams as seams
from .state_seams import Collected
from .walk import Place, is_variable, own_attributes

__all__ = ["Position", "meanings", "named_otherwise", "of_tensors"]

Position = tuple[str, str]

_AT_INDEX = re.compile(r"^(.*)\[\d+\]$")
_STEP = frozenset(".[{<")


def meanings(places: list[Place]) -> dict[int, str]:
    """`id` of each object and variable of a model -> what it means.

    Args:
        places: What `walk(model)` gave.
    """
    by_path: dict[str, str] = {}
    found: dict[int, str] = {}
    attributes: dict[int, str] = {}
    count: dict[str, int] = {}
    for place in places:
        parent, step = _split(place.path, by_path)
        if isinstance(place.value, keras.layers.Layer):
            attributes |= _layers_in_attributes(place.value)
            step = _step(place.value, by_path.get(parent, ""), step, attributes, count)
        by_path[place.path] = found[id(place.value)] = by_path.get(parent, "") + step
    for place in places:
        if isinstance(place.value, keras.optimizers.Optimizer):
            found |= _slots(place.value, found)
    return found


def of_tensors(collected: Collected, known: Mapping[int, str]) -> dict[Position, str]:
    """What each tensor that Keras writes means; those of which two mean the same are left out.

    Args:
        collected: What Keras itself would write.
        known: What `meanings` gave.
    """
    found: dict[Position, str] = {}
    for group, entry in collected.entries.items():
        owner = known.get(id(collected.saveables.get(group)))
        for key, value in entry.items():
            meaning = known.get(id(value)) or (f"{owner}/{key}" if owner else None)
            if meaning is not None:
                found[group, key] = meaning
    count: dict[str, int] = {}
    for meaning in found.values():
        count[meaning] = count.get(meaning, 0) + 1
    return {position: meaning for position, meaning in found.items() if count[meaning] == 1}


def named_otherwise(
    collected: Collected, known: Mapping[int, str], names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Layers for which a file has another name: (what the layer means here, what one of that name would mean).

    Args:
        collected: What Keras would write for the model.
        known: What `meanings` gave for the model.
        names: Inner path of a layer -> its name in the file.
    """
    for group, name in names.items():
        layer = collected.saveables.get(group)
        meaning = known.get(id(layer))
        if meaning is None or not isinstance(layer, keras.layers.Layer) or name == layer.name:
            continue
        match = _BY_POSITION.match(meaning)
        if match and not seams.is_automatic_name(type(layer), name):
            yield meaning, f"{match[1]}{_by_name(name)}"


_BY_POSITION = re.compile(r"^(.*)(<[^<>']*>|<'.*'(#\d+)?>)$")


def _by_name(name: str) -> str:
    return f"<{name!r}>"


def _split(path: str, known: Mapping[str, str]) -> tuple[str, str]:
    """The innermost known object above a path, and the rest of the path."""
    for at in range(len(path) - 1, 0, -1):
        if path[at] in _STEP and path[:at] in known:
            return path[:at], path[at:]
    return "", path


def _step(layer: Any, parent: str, step: str, attributes: Mapping[int, str], count: dict[str, int]) -> str:
    match = _AT_INDEX.match(step)
    if match is None:
        return step
    if not seams.has_automatic_name(layer):
        label = repr(str(layer.name))
    elif step.startswith(".layers[") and id(layer) in attributes:
        return attributes[id(layer)]
    else:
        label = seams.automatic_name(type(layer))
    key = f"{parent}{match[1]}<{label}"
    count[key] = count.get(key, -1) + 1
    return f"{match[1]}<{label}" + (f"#{count[key]}>" if count[key] else ">")


def _layers_in_attributes(layer: Any) -> dict[int, str]:
    """Layers that a model of a user's class holds in attributes as well as in its graph."""
    if not isinstance(layer, keras.Model) or seams.is_keras_own(type(layer)):
        return {}
    own = own_attributes(layer).items()
    return {id(one): f".{name}" for name, one in own if isinstance(one, keras.layers.Layer)}


def _slots(optimizer: Any, known: Mapping[int, str]) -> dict[int, str]:
    """The variables that an optimizer holds in parallel to those that it trains."""
    trained = seams.optimized_variables(optimizer)
    prefix = known[id(optimizer)]
    found: dict[int, str] = {}
    for name, parallel in own_attributes(optimizer).items():
        if not isinstance(parallel, (list, tuple)) or len(parallel) != len(trained) or name == "_variables":
            continue
        for slot, variable in zip(parallel, trained, strict=True):
            if slot is not variable and is_variable(slot) and id(variable) in known:
                found[id(slot)] = f"{prefix}.{name}<{known[id(variable)]}>"
    return found
