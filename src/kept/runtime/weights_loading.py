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
)
from ..formats.artifact import Artifact
from ..formats.base import open_artifact
from . import keras_seams as seams
from .entries import split_inner_path, stock_entries
from .install import stock
from .weights import owners_of

__all__ = ["load_weights"]


def load_weights(model: Any, filepath: str | os.PathLike[str], skip_mismatch: bool = False, **kwargs: Any) -> None:
    """See `kept.load_weights`."""
    path = str(os.fspath(filepath))
    by_name = kwargs.get("by_name")
    if by_name or path.endswith(".json") or not _is_tensor_file(path):
        stock("load_weights")(model, filepath, skip_mismatch, **kwargs)
        return
    if not model.built:
        raise MismatchError(
            "the model has no variables yet", path=path, hint="build it, or call it on some data, first"
        )
    try:
        with open_artifact(path) as artifact, seams.without_importing_tensorflow():
            _load(model, artifact, skip_mismatch, tuple(kwargs.get("objects_to_skip") or ()))
    except KeptError as error:
        error.path = error.path or path
        raise


def _is_tensor_file(path: str) -> bool:
    with open_artifact(path) as artifact:
        if artifact.format in ("legacy_h5", "saved_model"):
            return False
        return bool(artifact.tensors) or artifact.format == "weights_h5"


def _load(model: Any, artifact: Artifact, skip_mismatch: bool, skipped: tuple[Any, ...]) -> None:
    entries = stock_entries(artifact)
    record = _record(artifact)
    collected, stack = seams.collect_state(model, assets=False, skip=skipped)
    with stack:
        variables = {(path, key): value for path, entry in collected.entries.items() for key, value in entry.items()}
    problems = _mismatches(model, entries, variables, record, bool(skipped))
    if problems and not skip_mismatch:
        raise MismatchError(
            "the file does not fit the model",
            problems=problems,
            hint="skip_mismatch=True loads what fits",
        )
    failures = seams.restore_state(model, entries, skip=skipped)
    if problems or failures:
        problems += [Problem(f"{type(one).__name__} refuses its tensors: {error}") for one, error in failures]
        if not skip_mismatch:
            raise MismatchError("the file does not fit the model", problems=problems)
        places = ", ".join(problem.where for problem in problems[:10])
        warnings.warn(f"{artifact.path}: left as they were: {places}", KeptWarning, stacklevel=4)


def _record(artifact: Artifact) -> dict[str, Any]:
    found = artifact.extras.get("record") or artifact.metadata.get("kept") or {}
    if not isinstance(found, dict):
        raise CorruptFileError("kept's record cannot be read", where="_kept/record")
    return found


def _mismatches(
    model: Any,
    entries: Mapping[str, Any],
    variables: Mapping[tuple[str, str], Any],
    record: dict[str, Any],
    skipping: bool,
) -> list[Problem]:
    """Everything that does not fit, before anything is assigned."""
    optional = ("optimizer",)
    present = {(path, key) for path, entry in entries.items() for key in entry}
    problems = []
    for path, key in sorted(present - set(variables)):
        if path.partition("/")[0] not in optional and not skipping:
            problems.append(Problem("the model has no variable for this tensor", _name(path, key)))
    for (path, key), variable in variables.items():
        if path.partition("/")[0] in optional:
            continue
        if (path, key) not in present:
            problems.append(Problem("the file has no tensor for this variable", _name(path, key)))
            continue
        tensor = dict.__getitem__(entries[path], key)
        shape = tuple(int(n) for n in variable.shape)
        if tuple(tensor.shape) != shape:
            problems.append(
                Problem("another shape", _name(path, key), expected=f"{list(shape)}", found=f"{list(tensor.shape)}")
            )
    return problems + _damaged_or_moved(model, entries, variables, record)


def _damaged_or_moved(
    model: Any, entries: Mapping[str, Any], variables: Mapping[tuple[str, str], Any], record: dict[str, Any]
) -> list[Problem]:
    problems = []
    layers, owners = record.get("layers", {}), owners_of(model)
    for name, told in record.get("tensors", {}).items():
        if name.startswith("_kept/"):
            continue
        path, key = split_inner_path(name)
        entry = entries.get(path, {})
        if key in entry and dict.__getitem__(entry, key).checksum() != told["checksum"]:
            problems.append(Problem("the tensor is damaged", name, expected=told["checksum"]))
        if name in layers and (path, key) in variables:
            owner = owners.get(id(variables[path, key]), "")
            if owner != layers[name] and layers[name] in owners.values():
                problems.append(
                    Problem("the tensor was saved for another layer", name, expected=layers[name], found=owner)
                )
    return problems


def _name(path: str, key: str) -> str:
    return f"{path}/vars/{key}" if path else f"vars/{key}"
