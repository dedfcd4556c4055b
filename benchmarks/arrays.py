"""The variables of models as arrays, on each backend without a copy: to touch, to compare, to hand to peers."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from .races import Outcome

__all__ = ["copies", "copy_into", "file_outcome", "named", "outcome", "touched", "variables"]

PAGE_BYTES = 4096


def tensors(result: Any) -> list[Any]:
    """The tensors of a model with its optimizer, or of a mapping, in one order that all ways share."""
    if isinstance(result, Mapping):
        return [result[name] for name in sorted(result)]
    return [variable.value for variable in variables(result)]


def variables(model: Any) -> list[Any]:
    """The weights of a model and the variables of its optimizer."""
    optimizer = getattr(model, "optimizer", None)
    return [*model.weights, *(optimizer.variables if optimizer else [])]


def named(model: Any) -> dict[str, Any]:
    """The tensors of a model under names, as peers take them."""
    return {f"{index:05d}": tensor for index, tensor in enumerate(tensors(model))}


def host(tensor: Any) -> np.ndarray:
    """The memory of a tensor as an array."""
    backend = keras.backend.backend()
    if backend == "torch":
        return np.asarray(tensor.detach().numpy())
    if backend == "tensorflow":
        import tensorflow as tf

        return np.asarray(memoryview(tf.convert_to_tensor(tensor)))
    return np.asarray(tensor)


def touched(result: Any) -> Any:
    """The result itself, once a value of each page of its memory was read: nobody wins by not having read the file."""
    for tensor in tensors(result):
        array = host(tensor).reshape(-1)
        if array.nbytes >= PAGE_BYTES:
            array[:: PAGE_BYTES // array.itemsize].sum()
    return result


def copies(model: Any) -> list[np.ndarray]:
    """A copy of every tensor of a model in memory of its own."""
    return [host(tensor).copy() for tensor in tensors(model)]


def copy_into(targets: list[np.ndarray], model: Any) -> None:
    """Copies every tensor of a model into arrays that are there."""
    for target, tensor in zip(targets, tensors(model), strict=True):
        np.copyto(target, host(tensor))


def outcome(result: Any) -> Outcome:
    """A digest of every bit of a model's or mapping's tensors, and of vocabularies."""
    digest = hashlib.sha256()
    nbytes = 0
    for tensor in tensors(result):
        array = host(tensor)
        nbytes += array.nbytes
        _add(digest, array)
    for layer in getattr(result, "layers", ()):
        if hasattr(layer, "get_vocabulary"):
            digest.update(repr([str(word) for word in layer.get_vocabulary()]).encode())
    return Outcome(digest.hexdigest(), nbytes)


def file_outcome(path: Path) -> Outcome:
    """A digest of every tensor in a `.keras` that plain Keras would read."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as member, h5py.File(member) as weights:
        for name in sorted(_datasets(weights)):
            if not name.startswith("_kept/"):
                digest.update(name.encode())
                _add(digest, weights[name][()])
    return Outcome(digest.hexdigest())


def _datasets(weights: h5py.File) -> Iterable[str]:
    found: list[str] = []
    weights.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found


def _add(digest: Any, array: np.ndarray) -> None:
    digest.update(f"{array.dtype.name}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
