"""Artifacts to write and read back."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np

from kept.formats import keras_archive
from kept.formats.artifact import NewTensor, Written

GOLDEN = Path(__file__).parent.parent / "golden"

ARRAYS = {
    "layers/dense/vars/0": np.arange(12, dtype="float32").reshape(3, 4),
    "layers/dense/vars/1": np.zeros(4, "float32"),
    "vars/0": np.array(7, "int64"),
    "layers/half/vars/kernel": np.ones((3, 2), ml_dtypes.bfloat16),
    "layers/half/vars/scale": np.arange(4).astype(ml_dtypes.float8_e5m2),
    "layers/half/vars/packed": np.arange(5).astype(ml_dtypes.int4),
    "layers/empty/vars/0": np.zeros((0, 4), "float16"),
    "layers/mask/vars/0": np.array([True, False, True]),
    "layers/fourier/vars/0": np.array([1 + 2j, 3 - 4j], "complex64"),
    "layers/turned/vars/0": np.arange(40_000, dtype="float64").reshape(200, 200).T,
    "layers/big_endian/vars/0": np.arange(5, dtype=">i4"),
    "_kept/vars/0": np.arange(6, dtype="uint32"),
}
NAMES = {"layers/dense/vars": {"name": "dënse"}, "layers/no_weights/vars": {"name": "no_weights"}}


def new_tensors(arrays: dict[str, np.ndarray]) -> dict[str, NewTensor]:
    return {path: NewTensor.of(array) for path, array in arrays.items()}


def record(written: Written) -> dict[str, object]:
    tensors = {path: tensor.to_dict() for path, tensor in written.tensors.items()}
    return {"keras_version": "3.15.1", "kept": {"format": 1, "tensors": tensors}}


def write_sample(file: Path, **changes: object) -> Written:
    """A whole archive with every kind of array; `changes` replace arguments of `keras_archive.write`."""
    arguments = {
        "config": {"class_name": "Sample"},
        "tensors": new_tensors(ARRAYS),
        "attributes": NAMES,
        "assets": {"words/vocabulary.txt": b"un\ndeux\n"},
        "metadata": record,
    }
    return keras_archive.write(str(file), **(arguments | changes))


def small_archive(file: Path) -> Path:
    """An archive of one small tensor."""
    write_sample(file, tensors=new_tensors({"vars/0": np.arange(3, dtype="float32")}), attributes={}, assets={})
    return file
