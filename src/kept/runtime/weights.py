"""Weights alone: `.weights.h5` written beside the target, read back in full, and loaded with nothing left over."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ..errors import (
    KeptError,
    Problem,
    SerializationError,
    VerificationError,
)
from ..formats import weights_h5
from ..formats.artifact import Written, checksum
from ..formats.base import open_artifact
from ..formats.target import Target, writing
from ..proof import Level, Proof
from . import journal
from . import keras_seams as seams
from .install import stock
from .matching import meant_in_order
from .save import seen_by_others
from .snapshot import as_array
from .state_seams import collect_state
from .walk import walk

__all__ = ["save_weights"]


@journal.recorded
def save_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
    **kwargs: Any,
) -> Proof:
    """See `kept.save_weights`."""
    began = time.monotonic()
    path = os.fspath(filepath)
    if not model.built:
        raise SerializationError(
            "the model has no weights yet", path=path, hint="build it, or call it on some data, first"
        )
    if max_shard_size is not None:
        return _save_shards(model, str(path), overwrite, max_shard_size, kwargs)
    if not str(path).endswith(".weights.h5"):
        raise SerializationError(
            "the name does not say that these are weights", path=path, expected="a path ending in .weights.h5"
        )
    with Target(path, overwrite=overwrite) as target, seams.without_importing_tensorflow():
        try:
            skipped = tuple(kwargs.pop("objects_to_skip", None) or ())
            written, variables = _write(model, target.file, skipped)
            _read_back(target.file, written, variables)
        except KeptError as error:
            error.path = path
            raise
        target.commit()
    return Proof(
        str(path), os.path.getsize(path), Level.WEIGHTS, keras.backend.backend(), "cpu", len(written.tensors),
        outputs_note="a weights file has no outputs", seconds=time.monotonic() - began,
    )  # fmt: skip


def _write(model: Any, file: str, skipped: tuple[Any, ...]) -> tuple[Written, dict[str, Any]]:
    from .draft import new_tensor

    collected, stack = collect_state(model, assets=False, skip=skipped)
    with stack:
        variables = {
            (f"{group}/vars/{key}" if group else f"vars/{key}"): value
            for group, entry in collected.entries.items()
            for key, value in entry.items()
        }
    attributes = {(f"{group}/vars" if group else "vars"): {"name": name} for group, name in collected.names.items()}
    meant = meant_in_order(model, collected, list(walk(model)))

    def record(written: Written) -> dict[str, Any]:
        tensors = {name: one.to_dict() for name, one in written.tensors.items()}
        return {"format": 1, "tensors": tensors, "meanings": meant}

    tensors = {name: new_tensor(value) for name, value in variables.items()}
    return weights_h5.write(file, tensors, attributes, record), variables


def _read_back(file: str, written: Written, variables: Mapping[str, Any]) -> None:
    """Every tensor of the file against its variable, bit for bit."""
    problems = []
    with open_artifact(seen_by_others(file)) as artifact:
        for name, record in written.tensors.items():
            tensor = artifact.tensors.get(name)
            if name not in variables:
                continue
            if tensor is None:
                problems.append(Problem("the tensor is not in the file", name))
            elif checksum(np.asarray(tensor.read())) != checksum(as_array(variables[name])):
                problems.append(Problem("the tensor differs from its variable", name, expected=record.checksum))
    if problems:
        raise VerificationError("the file does not hold what the model holds", problems=problems)


def _save_shards(model: Any, path: str, overwrite: bool, max_shard_size: float, kwargs: dict[str, Any]) -> Proof:
    """Shards are written by Keras into a folder beside the target; the index, which names them, is moved last."""
    began = time.monotonic()
    with Target(path, overwrite=overwrite, named=True):
        pass
    folder = tempfile.mkdtemp(prefix=".kept-", dir=os.path.dirname(os.path.abspath(path)))
    try:
        with writing(path):
            stock("save_weights")(model, os.path.join(folder, os.path.basename(path)), True, max_shard_size, **kwargs)
            names = sorted(os.listdir(folder), key=lambda name: name.endswith(".json"))
            for name in names:
                os.replace(os.path.join(folder, name), os.path.join(os.path.dirname(os.path.abspath(path)), name))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    size = sum(os.path.getsize(os.path.join(os.path.dirname(os.path.abspath(path)), name)) for name in names)
    return Proof(
        path, size, outputs_note="shards are written by Keras and not proven", seconds=time.monotonic() - began
    )
