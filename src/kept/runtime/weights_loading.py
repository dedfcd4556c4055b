"""Weights alone: loaded with nothing left over, and nothing assigned before all of it fits."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

from ..errors import (
    CorruptFileError,
    KeptError,
    KeptWarning,
    MismatchError,
    Problem,
    shown,
)
from ..formats.artifact import Artifact
from ..formats.base import open_artifact
from ..formats.local_copy import local_copy
from ..formats.places import Place, is_url, locate
from . import backends
from . import keras_seams as seams
from .entries import checksums, read_entries, stock_entries
from .install import stock
from .matching import Matched, match, tensor_name
from .ordering import order_as_saved
from .state_seams import Collected, collect_state, restore_state

__all__ = ["load_weights"]


def load_weights(model: Any, filepath: str | os.PathLike[str], skip_mismatch: bool = False, **kwargs: Any) -> None:
    """See `kept.load_weights`."""
    path = str(os.fspath(filepath))
    by_name = kwargs.get("by_name")
    place = locate(path)
    if by_name or not _is_tensor_file(place):
        with local_copy(place) as file:
            stock("load_weights")(model, file if is_url(path) else filepath, skip_mismatch, **kwargs)
        return
    if not model.built:
        raise MismatchError(
            "the model has no variables yet", path=path, hint="build it, or call it on some data, first"
        )
    try:
        with open_artifact(place) as artifact, seams.without_importing_tensorflow():
            _load(model, artifact, skip_mismatch, tuple(kwargs.get("objects_to_skip") or ()))
    except KeptError as error:
        error.path = error.path or path
        raise


def _is_tensor_file(place: Place) -> bool:
    with open_artifact(place) as artifact:
        if artifact.format in ("legacy_h5", "orbax", "saved_model", "tensorflow_checkpoint"):
            return False
        return bool(artifact.tensors) or artifact.format in ("weights_h5", "sharded_weights")


def _load(model: Any, artifact: Artifact, skip_mismatch: bool, skipped: tuple[Any, ...]) -> None:
    record = _record(artifact)
    collected, stack = collect_state(model, assets=False, skip=skipped)
    with stack:
        matched = match(model, collected, stock_entries(artifact), _meanings(record), artifact.attributes)
        problems = _mismatches(matched, collected, bool(skipped))
        arrays, damaged = read_entries(matched.entries, checksums(_recorded(artifact, record)))
    problems += damaged
    if problems and not skip_mismatch:
        raise MismatchError(
            "the file does not fit the model",
            problems=problems,
            hint="skip_mismatch=True loads what fits",
        )
    failures = restore_state(collected, arrays, adopt=backends.adopt)
    if matched.moved and not getattr(getattr(model, "optimizer", None), "built", False):
        order_as_saved(model, matched.meant)
    if problems or failures:
        problems += [Problem(f"{type(one).__name__} refuses its tensors: {error}") for one, error in failures]
        if not skip_mismatch:
            raise MismatchError("the file does not fit the model", problems=problems)
        places = ", ".join(problem.where for problem in problems[:10])
        warnings.warn(f"{artifact.path}: left as they were: {places}", KeptWarning, stacklevel=4)


def _record(artifact: Artifact) -> dict[str, Any]:
    found = artifact.record or {}
    if not isinstance(found, dict):
        raise CorruptFileError("kept's record cannot be read", where="_kept/record")
    return found


def _recorded(artifact: Artifact, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Checksums of tensors as kept's record has them; a format may have its own."""
    own = artifact.extras.get("checksums", {})
    return record.get("tensors") or {name: {"checksum": one} for name, one in own.items()}


def _meanings(record: Mapping[str, Any]) -> dict[str, str]:
    """What the tensors mean; a whole model keeps that in its state."""
    found = record.get("meanings", record.get("state", {}).get("meanings", {}))
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise CorruptFileError("kept's record cannot be read", where="meanings", found=shown(found))
    return found


def _mismatches(matched: Matched, collected: Collected, skipping: bool) -> list[Problem]:
    """Everything that does not fit, before anything is assigned."""
    optional = ("optimizer",)
    variables = {(path, key): value for path, entry in collected.entries.items() for key, value in entry.items()}
    problems = list(matched.problems)
    for path, key in sorted(set(matched.sources) - set(variables)):
        if path.partition("/")[0] not in optional and not skipping:
            problems.append(Problem("the model has no variable for this tensor", tensor_name((path, key))))
    for (path, key), variable in variables.items():
        if path.partition("/")[0] in optional:
            continue
        if (path, key) not in matched.sources:
            problems.append(Problem("the file has no tensor for this variable", tensor_name((path, key))))
            continue
        tensor = matched.entries[path][key]
        shape = tuple(int(n) for n in variable.shape)
        if tuple(tensor.shape) != shape:
            name = tensor_name((path, key))
            problems.append(Problem("another shape", name, expected=f"{list(shape)}", found=f"{list(tensor.shape)}"))
    return problems
