"""Values of numpy."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from ...errors import SerializationError
from ...formats.dtypes import numpy_type, type_name
from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS", "is_stored"]

_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def is_stored(dtype: np.dtype[Any]) -> bool:
    """Whether the weights file has this very type."""
    try:
        return numpy_type(type_name(dtype)) == dtype
    except SerializationError:
        return False


def _array(value: np.ndarray, encoding: Encoding) -> dict[str, Any]:
    dtype = value.dtype
    if dtype.hasobject or isinstance(value, (np.ma.MaskedArray, np.matrix, np.recarray)):
        raise NotEncodable(value)
    if is_stored(dtype):
        return {"value": encoding.keeper.keep_array(np.asarray(value))}
    raw = np.frombuffer(np.ascontiguousarray(value).tobytes(), np.uint8)
    return {"value": encoding.keeper.keep_array(raw), "shape": list(value.shape), "dtype": _dtype(dtype)}


def _read_array(code: dict[str, Any], decoding: Decoding) -> np.ndarray:
    array = decoding.shelf.array(code["value"])
    if "dtype" not in code:
        return np.array(array)
    raw = np.ascontiguousarray(array).tobytes()
    return np.frombuffer(raw, _read_dtype(code["dtype"])).reshape(code["shape"]).copy()


def _dtype(dtype: np.dtype[Any]) -> Any:
    """A dtype as text, or where it has fields as a description of them."""
    if dtype.hasobject or dtype.metadata:
        raise NotEncodable(dtype)
    if dtype.subdtype is not None:
        return {"of": _dtype(dtype.subdtype[0]), "shape": list(dtype.subdtype[1])}
    if dtype.fields and dtype.names:
        parts = [[name, _dtype(dtype.fields[name][0]), dtype.fields[name][1]] for name in dtype.names]
        return {"fields": parts, "itemsize": dtype.itemsize, "aligned": dtype.isalignedstruct}
    if dtype.isbuiltin == 2:  # a type of ml_dtypes, whose text says nothing
        return type_name(dtype)
    return dtype.str


def _read_dtype(code: Any) -> np.dtype[Any]:
    if isinstance(code, str):
        found = np.dtype(getattr(ml_dtypes, code, code))
        if found.hasobject:
            raise ValueError(code)
        return found
    if "of" in code:
        return np.dtype((_read_dtype(code["of"]), tuple(code["shape"])))
    names, formats, offsets = zip(*code["fields"], strict=True)
    spec = {"names": list(names), "formats": [_read_dtype(one) for one in formats], "offsets": list(offsets)}
    return np.dtype({**spec, "itemsize": code["itemsize"]}, align=code["aligned"])  # type: ignore[call-overload, no-any-return]


def _generator(code: dict[str, Any], decoding: Decoding) -> np.random.Generator:
    if code["name"] not in _BIT_GENERATORS:
        raise ValueError(code["name"])
    bits = getattr(np.random, code["name"])()
    bits.state = decoding.inner(code["state"])
    return np.random.Generator(bits)


def _random_state(code: dict[str, Any], decoding: Decoding) -> np.random.RandomState:
    stream = np.random.RandomState(0)
    stream.set_state(decoding.inner(code["state"]))
    return stream


CODECS = (
    Codec("array", "numpy.ndarray", _array, _read_array, accepts=lambda value: isinstance(value, np.ndarray)),
    Codec(
        "scalar", "numpy scalars, numpy.datetime64, numpy.timedelta64", lambda value, e: _array(np.asarray(value), e),
        lambda code, d: _read_array(code, d)[()], accepts=lambda value: isinstance(value, np.generic),
    ),
    Codec(
        "dtype", "numpy.dtype", lambda value, _: {"value": _dtype(value)},
        lambda code, _: _read_dtype(code["value"]), accepts=lambda value: isinstance(value, np.dtype),
    ),
    Codec(
        "generator", "numpy.random.Generator",
        lambda value, e: {"name": type(value.bit_generator).__name__, "state": e.inner(value.bit_generator.state)},
        _generator, (np.random.Generator,),
    ),
    Codec(
        "random_state", "numpy.random.RandomState",
        lambda value, e: {"state": e.inner(value.get_state(legacy=False))}, _random_state, (np.random.RandomState,),
    ),
)  # fmt: skip
