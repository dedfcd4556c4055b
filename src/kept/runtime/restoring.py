"""Putting back what extra state holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import MismatchError, Problem
from . import keras_seams as seams
from .codecs import Shelf, decode
from .compiled import is_compiled_part
from .snapshot import as_array
from .state import ExtraState, assign
from .walk import is_variable, walk

__all__ = ["apply"]


def _at(model: Any, paths: list[str]) -> dict[str, Any]:
    found = {place.path: place.value for place in walk(model)} if paths else {}
    missing = [path for path in paths if path not in found and not is_compiled_part(path)]
    if missing:
        raise MismatchError(
            "the model has no such part any more",
            problems=[Problem("the file holds state for it", path, found="nothing") for path in missing],
        )
    return found


def build_missing(model: Any, state: ExtraState, shelf: Shelf) -> None:
    """Builds the layers that Keras left unbuilt, outermost first."""
    for path, code in state.builds.items():
        layer = _at(model, [path])[path]
        if not layer.built:
            layer.build_from_config(decode(code, shelf))


def set_flags(model: Any, flags: Mapping[str, bool]) -> None:
    """Sets trainable flags, parents first, since a parent's flag is handed down."""
    found = _at(model, list(flags))
    for path in sorted(flags, key=lambda one: (is_variable(found[one]), one.count("."))):
        found[path].trainable = flags[path]


def compile_as_built(model: Any, paths: list[str] | None, compile_model: Callable[[], None]) -> None:
    """Compiles while exactly those variables are trainable for which the optimizer was built."""
    if paths is None:
        compile_model()
        return
    found = _at(model, paths)
    chosen = {id(found[path]) for path in paths}
    flags = [(variable, variable.trainable) for variable in model.variables]
    layers = [(layer, layer.trainable) for layer in seams.flat_layers(model)]
    model.trainable = True
    for variable, _ in flags:
        variable.trainable = id(variable) in chosen
    try:
        compile_model()
    finally:
        for layer, flag in layers:
            layer.trainable = flag
        for variable, flag in flags:
            variable.trainable = flag


def apply(model: Any, state: ExtraState, shelf: Shelf) -> None:
    """Puts variables and attributes back.

    Args:
        model: The loaded model.
        state: The extra state.
        shelf: Has what the state needs beside.

    Raises:
        MismatchError: A part of the model is not there, or has another shape.
    """
    found = _at(model, [*state.variables, *(path for path, _, _ in state.attributes)])
    problems = []
    for path, tensor in state.variables.items():
        if path not in found:
            continue
        array = shelf.array(tensor)
        shape = tuple(as_array(found[path]).shape)
        if shape != tuple(array.shape):
            problems.append(Problem("another shape", path, expected=str(shape), found=str(tuple(array.shape))))
            continue
        assign(found[path], array)
    if problems:
        raise MismatchError("the file does not fit the model", problems=problems)
    for path, name, code in state.attributes:
        if path not in found:
            continue
        setattr(found[path], name, decode(code, shelf))
