"""Losses and metrics of a compiled model: Keras builds them at the first step, so a loaded model has none yet.

They are built here from the outputs of the model and the likely shapes of targets; the choice that gives the very parts
that were saved is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice, product
from typing import Any

import keras

from . import compile_seams
from . import keras_seams as seams
from .recipe import Unanswerable, recipes
from .walk import Place, walk

__all__ = ["build_compiled", "compiled_parts", "is_compiled_part"]

_PREFIXES = ("model._compile_metrics", "model._compile_loss", "model._loss_tracker")
_CHOICE_COUNT = 243  # mixed choices that are tried: all there are for five outputs


def is_compiled_part(path: str) -> bool:
    """Whether an object path lies in what Keras builds at the first step after `compile`."""
    return path.startswith(_PREFIXES)


def compiled_parts(places: Iterable[Place]) -> dict[str, str]:
    """Object path of each part that Keras builds at the first step after `compile` -> what it is.

    What Keras makes of a name such as `accuracy` depends on the targets: only the class of the part, or the function in
    it, tells what it was.
    """
    return {place.path: _kind(place.value) for place in places if is_compiled_part(place.path)}


def _kind(part: Any) -> str:
    if not isinstance(part, (keras.Metric, keras.Loss)):
        return ""
    function = getattr(part, "_fn", getattr(part, "fn", None))
    return ":".join(filter(None, (type(part).__name__, getattr(function, "__name__", ""))))


def build_compiled(model: Any, parts: Mapping[str, str]) -> None:
    """Builds compiled losses and metrics until the parts at these object paths are there.

    Args:
        model: A compiled model.
        parts: What `compiled_parts` says of the saved model; a part of which nothing is said may be anything.
    """
    wanted = {path: kind for path, kind in parts.items() if is_compiled_part(path)}
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


def _missing(model: Any, wanted: Mapping[str, str]) -> int:
    found = compiled_parts(walk(model))
    return sum(path not in found or kind not in ("", found[path]) for path, kind in wanted.items())


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
    """Likely targets: of one kind for all outputs first, then of another for each."""

    def whole(one: Any) -> keras.KerasTensor:
        return keras.KerasTensor(one.shape, one.dtype)

    def classes(one: Any) -> keras.KerasTensor:
        return keras.KerasTensor(tuple(one.shape)[:-1], "int32")

    def column(one: Any) -> keras.KerasTensor:
        return keras.KerasTensor((*tuple(one.shape)[:-1], 1), "int32")

    outputs = keras.tree.flatten(predicted)
    kinds = (whole, classes, column)
    alike = [(kind,) * len(outputs) for kind in kinds]
    mixed = (choice for choice in product(kinds, repeat=len(outputs)) if choice not in alike)
    for choice in chain(alike, islice(mixed, _CHOICE_COUNT)):
        made = [kind(one) for kind, one in zip(choice, outputs, strict=True)]
        yield keras.tree.pack_sequence_as(predicted, made)
