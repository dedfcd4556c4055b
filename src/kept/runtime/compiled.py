"""Losses and metrics of a compiled model: Keras builds them at the first step, so a loaded model has none yet.

They are built here from the outputs of the model and the likely shapes of targets; the choice that gives the very parts
that were saved is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import keras

from . import compile_seams
from . import keras_seams as seams
from .recipe import Unanswerable, recipes
from .walk import walk

__all__ = ["build_compiled", "is_compiled_part"]

_PREFIXES = ("model._compile_metrics", "model._compile_loss", "model._loss_tracker")


def is_compiled_part(path: str) -> bool:
    """Whether an object path lies in what Keras builds at the first step after `compile`."""
    return path.startswith(_PREFIXES)


def build_compiled(model: Any, parts: Collection[str]) -> None:
    """Builds compiled losses and metrics until the parts at these object paths are there.

    Args:
        model: A compiled model.
        parts: Object paths of parts that the saved model had.
    """
    wanted = {path for path in parts if is_compiled_part(path)}
    if not wanted or _missing(model, wanted) == 0:
        return
    try:
        predicted = _outputs(model)
    except Unanswerable:
        return
    best: tuple[int, Any] | None = None
    for targets in _targets(predicted):
        if not compile_seams.build_compiled(model, targets, predicted):
            continue
        missing = _missing(model, wanted)
        if missing:
            seams.update_compiled(model, _zeros(targets), _zeros(predicted))
            missing = _missing(model, wanted)
        if missing == 0:
            return
        if best is None or missing < best[0]:
            best = missing, targets
    if best is not None:
        compile_seams.build_compiled(model, best[1], predicted)


def _missing(model: Any, wanted: set[str]) -> int:
    return len(wanted - {place.path for place in walk(model)})


def _outputs(model: Any) -> Any:
    """Symbolic outputs of a model."""
    structure = seams.outputs_structure(model)
    if structure is not None:
        return structure
    args, kwargs = recipes(model)[0].make()
    symbolic = keras.tree.map_structure(_symbolic, [args, kwargs])
    try:
        return model.compute_output_spec(*symbolic[0], **symbolic[1])
    except Exception as error:
        raise Unanswerable(str(error)) from error


def _symbolic(array: Any) -> keras.KerasTensor:
    return keras.KerasTensor((None, *array.shape[1:]), keras.backend.standardize_dtype(array.dtype))


def _zeros(symbolic: Any) -> Any:
    """A batch of two for each symbolic tensor."""
    return keras.tree.map_structure(
        lambda one: keras.ops.zeros([2 if side is None else side for side in one.shape], one.dtype), symbolic
    )


def _targets(predicted: Any) -> Iterator[Any]:
    def whole(one: Any) -> keras.KerasTensor:
        return keras.KerasTensor(one.shape, one.dtype)

    def classes(one: Any) -> keras.KerasTensor:
        return keras.KerasTensor(tuple(one.shape)[:-1], "int32")

    def column(one: Any) -> keras.KerasTensor:
        return keras.KerasTensor((*tuple(one.shape)[:-1], 1), "int32")

    for choice in (whole, classes, column):
        yield keras.tree.map_structure(choice, predicted)
