"""Putting back what extra state holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from ..errors import CorruptFileError, MismatchError, Problem, shown
from . import keras_seams as seams
from .adapting import adapt
from .backends import as_array
from .causes import explaining
from .codecs import Shelf, decode
from .compiled import is_compiled_part
from .state import ExtraState, assign, setting_from
from .walk import is_variable, walk

__all__ = ["adapt_layers", "apply", "build_missing", "build_optimizers", "compile_as_built", "set_flags"]


def _at(model: Any, paths: list[str]) -> dict[str, Any]:
    found = {place.path: place.value for place in walk(model, leading_to=paths)}
    missing = [path for path in paths if path not in found and not is_compiled_part(path)]
    if missing:
        raise MismatchError(
            "the model has no such part any more",
            problems=[Problem("the file holds state for it", path, found="nothing") for path in missing],
        )
    return found


def build_missing(model: Any, state: ExtraState, shelf: Shelf) -> None:
    """Builds the layers that Keras left unbuilt, outermost first; what is not there is left to the accounting."""
    found = {place.path: place.value for place in walk(model)} if state.builds else {}
    for path, code in state.builds.items():
        layer = found.get(path)
        if isinstance(layer, keras.layers.Layer) and not layer.built:
            with explaining(f"{path} cannot be built as it was"):
                layer.build_from_config(decode(code, shelf))
            found = {place.path: place.value for place in walk(model)}


def adapt_layers(model: Any, state: ExtraState) -> None:
    """Quantises layers and gives them LoRA matrices, as was done before the save."""
    if state.adapted:
        adapt({place.path: place.value for place in walk(model)}, state.adapted)


def set_flags(model: Any, flags: Mapping[str, bool]) -> None:
    """Sets trainable flags, parents first, since a parent's flag is handed down."""
    found = _at(model, list(flags))
    for path in sorted(flags, key=lambda one: (is_variable(found[one]), one.count("."))):
        found[path].trainable = flags[path]


def compile_as_built(
    model: Any, state: ExtraState, arrays: Mapping[str, Any], compile_model: Callable[[], None]
) -> None:
    """Compiles, with an optimizer for exactly those variables, in that order, for which the saved one was built.

    A variable that the saved model had no more (quantised away, say) stands in the optimizer as it did there.
    """
    paths = state.compiled_for
    found = {place.path: place.value for place in walk(model)} if paths else {}
    if paths is None or [id(found.get(path)) for path in paths] == [id(one) for one in model.trainable_variables]:
        compile_model()
        return
    if any(path not in found and path not in state.variables for path in paths):
        compile_model()  # other code than that of the save: the accounting tells of what is lost
        return
    model.built = False  # or Keras would build the optimizer for what is trainable now
    try:
        compile_model()
    finally:
        model.built = True
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and not optimizer.built:
        optimizer.build([found[path] if path in found else _stand_in(arrays[state.variables[path]]) for path in paths])


def _stand_in(array: Any) -> Any:
    return keras.Variable(array, dtype=array.dtype.name)


def build_optimizers(model: Any, state: ExtraState) -> None:
    """Builds the optimizers that a model holds in attributes for the variables that they trained."""
    found = {place.path: place.value for place in walk(model)} if state.trained else {}
    for path, paths in state.trained.items():
        optimizer: Any = found.get(path)
        is_unbuilt = isinstance(optimizer, keras.optimizers.Optimizer) and not optimizer.built
        if is_unbuilt and all(one in found for one in paths):
            optimizer.build([found[one] for one in paths])


def apply(model: Any, state: ExtraState, shelf: Shelf) -> None:
    """Puts variables and attributes back.

    Args:
        model: The loaded model.
        state: The extra state.
        shelf: Has what the state needs beside.

    Raises:
        MismatchError: A part of the model is not there, or has another shape.
        CorruptFileError: The state names what Keras does not have.
    """
    undecayed = [*state.undecayed, *(path for paths in state.undecayed.values() for path in paths)]
    named = [path for path, _, _ in [*state.attributes, *state.settings]]
    found = _at(model, [*state.variables, *named, *undecayed])
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
    for path, name, config in state.settings:
        setattr(found[path], name, None if config is None else _setting(path, name, config))
    for path, paths in state.undecayed.items():
        seams.exclude_from_decay(found[path], [found[one] for one in paths])


def _setting(path: str, name: str, config: Any) -> Any:
    made = setting_from(name, config)
    if made is None:
        raise CorruptFileError(f"no {name} of Keras", where=path, found=shown(config))
    return made
