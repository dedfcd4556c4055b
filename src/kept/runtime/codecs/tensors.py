"""Tensors and variables of each backend.

What belonged to the backend that made the file comes back as the same kind of the present backend; a tensor of another
library comes back as one of that library where it is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

import keras
import ml_dtypes
import numpy as np

from .arrays import is_stored
from .base import Codec, Decoding, Digests, Encoding, NotEncodable

__all__ = ["CODECS", "library_at_hand", "library_of"]

_LIBRARIES = ("tensorflow", "jax", "torch")


def library_of(value: Any) -> str:
    """The backend library that a value or class belongs to; empty for any other."""
    kind = value if isinstance(value, type) else type(value)
    root = kind.__module__.partition(".")[0]
    root = {"jaxlib": "jax"}.get(root, root)
    return root if root in _LIBRARIES else ""


def library_at_hand(code: dict[str, Any]) -> str:
    """The library whose kind of value a code is to become here."""
    library = code["library"]
    if library not in _LIBRARIES:
        raise ValueError(library)
    present = str(keras.backend.backend())
    if code["native"] or importlib.util.find_spec(library) is None:
        return present
    return str(library)


def _kind(value: Any) -> str:
    """`tensor`, `parameter` or `variable`; empty for anything that holds no values of its own."""
    library, name = library_of(value), type(value).__name__
    if library == "torch":
        torch = sys.modules["torch"]
        if not isinstance(value, torch.Tensor) or value.is_sparse or value.is_meta:
            return ""
        return "parameter" if isinstance(value, torch.nn.Parameter) else "tensor"
    if library == "tensorflow":
        kind = {"EagerTensor": "tensor", "ResourceVariable": "variable"}.get(name, "")
        return kind if kind and value.dtype.name not in ("resource", "variant") else ""
    if library == "jax":
        jax = sys.modules["jax"]
        known = isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
        return "tensor" if known and not jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key) else ""
    return ""


def _numpy_of(value: Any) -> np.ndarray:
    if library_of(value) != "torch":
        return np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    torch = sys.modules["torch"]
    plain = value.detach().cpu().resolve_conj().resolve_neg()
    if plain.dtype is torch.bfloat16:
        return np.asarray(plain.view(torch.int16).numpy().view(ml_dtypes.bfloat16))
    return np.asarray(plain.numpy())


def _tensor(value: Any, encoding: Encoding) -> dict[str, Any]:
    kind, library = _kind(value), library_of(value)
    if isinstance(encoding.keeper, Digests) and (kind != "tensor" or library == "torch"):
        raise NotEncodable(value)  # a variable has a place of its own in the walk
    try:
        array = _numpy_of(value)
    except Exception as error:  # a layout or a handle that numpy does not have; each library has its own
        raise NotEncodable(value) from error
    code = {"kind": kind, "library": library, "native": library == keras.backend.backend()}
    if getattr(value.dtype, "name", "") == "string":
        texts = value.numpy()
        return {**code, "texts": encoding.inner(texts if isinstance(texts, bytes) else texts.tolist())}
    if not is_stored(array.dtype):
        raise NotEncodable(value)
    code |= {"value": encoding.keeper.keep_array(array)}
    if kind == "variable":
        return {**code, "trainable": value.trainable, "name": value.name.partition(":")[0]}
    return {**code, "trainable": value.requires_grad} if library == "torch" else code


def _read_tensor(code: dict[str, Any], decoding: Decoding) -> Any:
    library = library_at_hand(code)
    data = decoding.inner(code["texts"]) if "texts" in code else np.array(decoding.shelf.array(code["value"]))
    kind = code["kind"]
    if kind not in ("tensor", "parameter", "variable"):
        raise ValueError(kind)
    if library == "tensorflow":
        tf = importlib.import_module("tensorflow")
        if kind == "tensor":
            return tf.convert_to_tensor(data)
        return tf.Variable(data, trainable=bool(code.get("trainable", True)), name=code.get("name"))
    if library == "jax":
        return importlib.import_module("jax").numpy.asarray(data)
    if library == "torch":
        return _torch(kind, data, bool(code.get("trainable")))
    return keras.ops.convert_to_tensor(data)


def _torch(kind: str, data: np.ndarray, trainable: bool) -> Any:
    torch = importlib.import_module("torch")
    bits = torch.from_numpy(data.view(np.int16) if data.dtype == ml_dtypes.bfloat16 else data)
    tensor = bits.view(torch.bfloat16) if data.dtype == ml_dtypes.bfloat16 else bits
    if kind == "tensor":
        return tensor.requires_grad_(trainable)
    return torch.nn.Parameter(tensor, requires_grad=trainable)


def _variable(value: Any, encoding: Encoding) -> dict[str, Any]:
    if isinstance(encoding.keeper, Digests):
        raise NotEncodable(value)
    array = np.asarray(keras.ops.convert_to_numpy(value))
    return {
        "value": encoding.keeper.keep_array(array), "dtype": keras.backend.standardize_dtype(value.dtype),
        "trainable": bool(value.trainable), "name": value.name,
    }  # fmt: skip


def _read_variable(code: dict[str, Any], decoding: Decoding) -> Any:
    return keras.Variable(
        np.array(decoding.shelf.array(code["value"])), dtype=code["dtype"], trainable=bool(code["trainable"]),
        name=code["name"],
    )  # fmt: skip


CODECS = (
    Codec(
        "variable", "keras.Variable", _variable, _read_variable,
        accepts=lambda value: isinstance(value, keras.Variable), rank=12,
    ),
    Codec(
        "tensor", "tf.Tensor, tf.Variable, jax.Array, torch.Tensor, torch.nn.Parameter", _tensor, _read_tensor,
        accepts=lambda value: _kind(value) != "", rank=14,
    ),
)  # fmt: skip
