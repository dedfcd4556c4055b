"""What Keras's own saving passes over or cannot tell apart: variables, sets, equal inner paths, call arguments."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from ..examination import CallArgument, ClassView, SameInnerPath, VariableView
from . import keras_seams as seams
from .backends import as_array
from .compiled import is_compiled_part
from .config_probe import unwritable_parts
from .graph_calls import calls
from .rebuilt_changes import is_below, shown_path
from .state_seams import collect_state
from .walk import Place, is_variable, own_attributes, walk

__all__ = ["call_arguments", "same_inner_paths", "untold"]

_View = Callable[[type], ClassView]


def untold(model: Any, places: list[Place], rebuilt: Any, view: _View) -> Iterator[VariableView]:
    """Variables that Keras does not write, less the state of its random generators and metrics, which it never does."""
    try:
        collected, stack = collect_state(model, assets=False)
    except Exception:  # a save_own_variables that raises: nothing can be said of the others
        return
    with stack:
        told = {id(value) for entry in collected.entries.values() for value in entry.values()}
    again = {place.path: place.value for place in walk(rebuilt)} if rebuilt is not None else {}
    holders = [place for place in places if not is_variable(place.value)]
    for place in places:
        if not is_variable(place.value) or id(place.value) in told or is_compiled_part(place.path):
            continue
        if _is_constant(place, again):
            continue
        around = [one for one in holders if is_below(place.path, one.path)]
        if around and not any(isinstance(one.value, (keras.random.SeedGenerator, keras.Metric)) for one in around):
            found = _variable(place, around, view)
            if found is not None:
                yield found
    yield from _passed_over(model, places, told, view)


def _is_constant(place: Place, again: Mapping[str, Any]) -> bool:
    """Whether it is no variable, but a tensor of Torch that the rebuilt model has too."""
    if type(place.value).__name__ != "Tensor":
        return False
    other = again.get(place.path)
    return not again or (other is not None and np.array_equal(as_array(place.value), as_array(other)))


def _variable(place: Place, around: list[Place], view: _View) -> VariableView | None:
    """A variable that is not written, with the innermost layer that Keras reaches and what stands between."""
    reached = [one for one in around if not _is_cut_off(one, around)]
    owner = next((one for one in reversed(reached) if isinstance(one.value, seams.Saveable)), around[0])
    own = seams.is_keras_own(type(owner.value))
    if own and not isinstance(place.value, keras.Variable):
        return None  # a wrapped module of the backend, whose layer writes it in a form of its own
    between = [one for one in around if is_below(one.path, owner.path)]
    last = (between or [owner])[0].value
    if "{" in place.path.removeprefix(owner.path).split(".")[1]:
        holder = "a set"
    elif isinstance(last, types.FunctionType):
        holder = "a closure"
    elif isinstance(last, functools.partial):
        holder = "a functools.partial"
    elif not isinstance(place.value, keras.Variable):
        holder = f"a bare variable of {type(place.value).__module__.partition('.')[0]}"
    elif last is owner.value:
        holder = _STATE if own else "an attribute that Keras passes over"
    else:
        holder = f"a {type(last).__name__}"
    return VariableView(shown_path(place.path), owner.path, view(type(owner.value)), holder, *_described(place.value))


_STATE = "its state between batches"


def _is_cut_off(place: Place, around: list[Place]) -> bool:
    """Whether Keras does not reach an object: it lies in a set, or in something that is not Keras's."""
    above = [one for one in around if is_below(place.path, one.path)]
    return "{" in place.path or any(not isinstance(one.value, seams.Saveable) for one in above)


def _described(variable: Any) -> tuple[tuple[int, ...], str]:
    return tuple(int(n) for n in variable.shape), str(keras.backend.standardize_dtype(variable.dtype))


def _passed_over(model: Any, places: list[Place], told: set[int], view: _View) -> Iterator[VariableView]:
    """Variables of layers under an attribute that Keras keeps for itself, such as `_layers`."""
    met = {id(place.value) for place in places}
    lost = [one for one in model.weights if id(one) not in told and id(one) not in met]
    layers = [place for place in places if isinstance(place.value, keras.layers.Layer)]
    for variable in lost:
        holding = [place for place in layers if any(variable is one for one in place.value.weights)]
        if holding and not getattr(variable, "path", "").endswith("seed_generator_state"):
            owner = holding[-1]
            place = f"{owner.path}._layers"
            yield VariableView(
                f"{place}: {variable.path}", owner.path, view(type(owner.value)), "the attribute _layers",
                *_described(variable),
            )  # fmt: skip


def same_inner_paths(places: list[Place], view: _View) -> Iterator[SameInnerPath]:
    """Objects to which Keras gives one place in the weights file: it numbers class names, and knows no other names."""
    for place in places:
        if not isinstance(place.value, keras.layers.Layer):
            continue
        attributes = own_attributes(place.value)
        if (
            isinstance(place.value, (keras.Sequential, keras.Model))
            and seams.outputs_structure(place.value) is not None
        ):
            attributes = {"layers": place.value.layers} | attributes
        for name, value in attributes.items():
            if name == "vars" and isinstance(value, seams.Saveable) and _has_variables(place.value):
                yield SameInnerPath(place.path, "vars", view(type(place.value)), (f"{place.path}.vars",))
            if isinstance(value, (list, tuple, dict)):
                yield from _same_names(place, name, value, view)


def _has_variables(layer: Any) -> bool:
    below = {id(one) for child in seams.flat_layers(layer) if child is not layer for one in child.variables}
    return any(id(one) not in below for one in layer.variables)


def _same_names(place: Place, name: str, value: Any, view: _View) -> Iterator[SameInnerPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    used: dict[str, int] = {}
    taken: dict[str, list[str]] = {}
    for key, child in items:
        if not isinstance(child, seams.Saveable):
            continue
        inner = seams.automatic_name(type(child))
        number = used[inner] = used.get(inner, -1) + 1
        numbered = f"{inner}_{number}" if number else inner
        taken.setdefault(numbered, []).append(f"{place.path}.{name}[{key!r}]")
    for numbered, objects in taken.items():
        if len(objects) > 1:
            yield SameInnerPath(f"{place.path}.{name}", numbered, view(type(place.value)), tuple(objects))


def call_arguments(model: Any, paths: Mapping[int, str], view: _View) -> Iterator[CallArgument]:
    """Arguments of calls in the graph that Keras cannot write."""
    for operation, name, value in calls(model):
        if isinstance(value, keras.KerasTensor):
            continue
        for part in unwritable_parts(name, value):
            yield CallArgument(
                paths.get(id(operation), "model"), view(type(operation)), part.name, part.value, type(value).__name__
            )
