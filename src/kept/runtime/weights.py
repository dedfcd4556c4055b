"""Weights alone: written beside the target, read back in full, and only then put in its place."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Mapping
from numbers import Real
from typing import Any

import keras

from ..errors import (
    KeptError,
    KeptWarning,
    Problem,
    SerializationError,
    VerificationError,
    shown,
)
from ..formats import sharded_weights, weights_h5
from ..formats.artifact import NewTensor, Written, checksum
from ..formats.base import open_artifact
from ..formats.shards_target import ShardsTarget
from ..formats.target import Target
from ..proof import Level, Proof
from . import journal
from . import keras_seams as seams
from .draft import stock_tensors, tensor_attributes
from .matching import meant_in_order
from .rounding import Rounding, half_precision
from .save import seen_by_others
from .state_seams import collect_state
from .walk import walk

__all__ = ["place_of", "save_weights"]

_FILE, _INDEX = ".weights.h5", ".weights.json"
_GB = 1 << 30


@journal.recorded
def save_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
    *,
    weights_dtype: Any = None,
    **kwargs: Any,
) -> Proof:
    """See `kept.save_weights`."""
    began = time.monotonic()
    path = os.fspath(filepath)
    skipped = tuple(kwargs.pop("objects_to_skip", None) or ())
    if kwargs:
        raise SerializationError("save_weights takes no such argument", path=path, found=", ".join(kwargs))
    if not model.built:
        raise SerializationError(
            "the model has no weights yet", path=path, hint="build it, or call it on some data, first"
        )
    path, rounded_to = place_of(str(path), max_shard_size), half_precision(weights_dtype)
    note = f"; its weights are rounded to {rounded_to}" if rounded_to else ""
    place: Target | ShardsTarget = (
        Target(path, overwrite=overwrite) if max_shard_size is None else ShardsTarget(path, overwrite=overwrite)
    )
    with place as target, seams.without_importing_tensorflow():
        try:
            tensors = _write(model, target.file, skipped, max_shard_size, rounded_to)
            _read_back(target.file, tensors)
        except KeptError as error:
            error.path = path
            raise
        target.commit()
    nbytes = target.nbytes if isinstance(target, ShardsTarget) else os.path.getsize(path)
    return Proof(
        path, nbytes, Level.WEIGHTS, keras.backend.backend(), "cpu", len(tensors),
        outputs_note=f"a weights file has no outputs{note}", seconds=time.monotonic() - began,
    )  # fmt: skip


def place_of(path: str, max_shard_size: float | None) -> str:
    """The file that a path means; with shards it is the index.

    Raises:
        SerializationError: The name or the size of a shard does not fit.
    """
    if max_shard_size is None:
        if not path.endswith(_FILE):
            hint = "give max_shard_size too" if path.endswith(_INDEX) else ""
            raise SerializationError(
                "the name does not say that these are weights",
                path=path,
                expected=f"a path ending in {_FILE}",
                hint=hint,
            )
        return path
    if not isinstance(max_shard_size, Real) or not max_shard_size > 0:
        raise SerializationError(
            "max_shard_size is no size", path=path, expected="a number of GB above 0", found=shown(max_shard_size)
        )
    if path.endswith(_FILE):
        index = path.removesuffix(_FILE) + _INDEX
        warnings.warn(f"{path}: the index of shards is {index}", KeptWarning, stacklevel=4)
        return index
    if not path.endswith(_INDEX):
        raise SerializationError(
            "the name does not say that these are weights in shards", path=path, expected=f"a path ending in {_INDEX}"
        )
    return path


def _write(
    model: Any, file: str, skipped: tuple[Any, ...], max_shard_size: float | None, rounded_to: str | None
) -> dict[str, NewTensor]:
    """Writes the file, or the index and its shards; gives the tensors, to be read once more."""
    collected, stack = collect_state(model, assets=False, skip=skipped)
    with stack:
        rounding = Rounding.of(rounded_to, model, collected)
        tensors = stock_tensors(collected, rounding=rounding)
    attributes = tensor_attributes(collected)
    meant = meant_in_order(model, collected, list(walk(model)))

    def record(written: Written) -> dict[str, Any]:
        told = {name: one.to_dict() for name, one in written.tensors.items()}
        return {"format": 1, "tensors": told, "meanings": meant}

    if max_shard_size is None:
        weights_h5.write(file, tensors, attributes, record)
    else:
        sharded_weights.write(file, tensors, attributes, record, shard_nbytes=max_shard_size * _GB)
    return tensors


def _read_back(file: str, tensors: Mapping[str, NewTensor]) -> None:
    """Every tensor of the file against what the model holds, bit for bit."""
    problems = []
    with open_artifact(seen_by_others(file)) as artifact:
        for name, held in tensors.items():
            tensor = artifact.tensors.get(name)
            if tensor is None:
                problems.append(Problem("the tensor is not in the file", name))
            elif tensor.checksum() != (expected := checksum(held.read())):
                problems.append(Problem("the tensor differs from its variable", name, expected=expected))
    if problems:
        raise VerificationError("the file does not hold what the model holds", problems=problems)
