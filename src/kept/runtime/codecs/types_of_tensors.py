"""Shapes and dtypes as each backend has them."""

from __future__ import annotations

import importlib
from typing import Any

import keras
import ml_dtypes
import numpy as np

from .base import Codec, Decoding, Encoding
from .tensors import library_at_hand, library_of

__all__ = ["CODECS"]


def _native(value: Any) -> dict[str, Any]:
    library = library_of(value)
    return {"library": library, "native": library == keras.backend.backend()}


def _is_dtype(value: Any) -> bool:
    if library_of(value) == "jax":
        return type(value).__name__ == "_ScalarMeta"  # `jax.numpy.float32` is no class that numpy knows
    return library_of(value) in ("tensorflow", "torch") and type(value).__name__ in ("DType", "dtype")


def _name(value: Any) -> str:
    library = library_of(value)
    if library == "jax":
        return str(value.dtype.name)
    return str(value.name if library == "tensorflow" else str(value).removeprefix("torch."))


def _dtype(value: Any, _: Encoding) -> dict[str, Any]:
    return {**_native(value), "value": _name(value)}


def _read_dtype(code: dict[str, Any], _: Decoding) -> Any:
    library, name = library_at_hand(code), code["value"]
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(name)
    if library == "tensorflow":
        return importlib.import_module("tensorflow").as_dtype(name)
    found: Any = None
    if library == "torch":
        found = getattr(importlib.import_module("torch"), name)
    elif library == "jax":
        found = getattr(importlib.import_module("jax").numpy, name)
    if found is None or not _is_dtype(found):
        return np.dtype(getattr(ml_dtypes, name, name))
    return found


def _is_shape(value: Any) -> bool:
    return type(value).__name__ in ("TensorShape", "Size") and library_of(value) in ("tensorflow", "torch")


def _shape(value: Any, _: Encoding) -> dict[str, Any]:
    sizes = None if getattr(value, "rank", 0) is None else [None if one is None else int(one) for one in value]
    return {**_native(value), "value": sizes}


def _read_shape(code: dict[str, Any], _: Decoding) -> Any:
    library, sizes = library_at_hand(code), code["value"]
    if library == "tensorflow":
        return importlib.import_module("tensorflow").TensorShape(sizes)
    if library == "torch" and sizes is not None and None not in sizes:
        return importlib.import_module("torch").Size(sizes)
    return None if sizes is None else tuple(sizes)


CODECS = (
    Codec(
        "tensor_dtype", "tf.DType, torch.dtype, dtypes of jax.numpy", _dtype, _read_dtype, accepts=_is_dtype, rank=5,
    ),
    Codec("shape", "tf.TensorShape, torch.Size", _shape, _read_shape, accepts=_is_shape, rank=30),
)  # fmt: skip
