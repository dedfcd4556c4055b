"""Names of tensor types, as numpy and ml_dtypes have them, and how HDF5 stores each."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MissingDependencyError, SerializationError, shown

if TYPE_CHECKING:
    from h5py import h5t

__all__ = ["byte_view", "hdf5_type", "is_extended", "numpy_type", "type_name"]

# The types of ml_dtypes, which numpy sees as raw bytes or as strange floats; HDF5 has no type for any of them.
_FLOAT8 = ("e3m4", "e4m3", "e4m3b11fnuz", "e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu")
_EXTENDED = (
    "bfloat16",
    *(f"float8_{kind}" for kind in _FLOAT8),
    *("float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn"),
    *("int2", "uint2", "int4", "uint4"),
)


def is_extended(name: str) -> bool:
    """Whether `name` is a type of ml_dtypes."""
    return name in _EXTENDED


@cache
def numpy_type(name: str) -> np.dtype[Any]:
    """The type of that name, little-endian.

    Raises:
        SerializationError: No such type, or one whose values are not in the array itself.
        MissingDependencyError: The type is one of ml_dtypes, which is not installed or too old to have it.
    """
    if is_extended(name):
        try:
            import ml_dtypes

            extended: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
            return extended
        except (ImportError, AttributeError):
            raise MissingDependencyError(f"{name} tensors need ml_dtypes", hint="pip install -U ml_dtypes") from None
    try:
        found = np.dtype(name)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "biufc" or found.itemsize > 16 or name == "longdouble":
        raise SerializationError(
            f"no tensor can have the type {shown(name)}",
            expected="bool, integers, floats, complex, or a type of ml_dtypes",
            hint="keep text and objects in the config or in assets",
        )
    little: np.dtype[Any] = found.newbyteorder("<")
    return little


@cache
def type_name(dtype: np.dtype[Any]) -> str:
    """The name under which a tensor of this type is recorded."""
    return str(dtype.name)


@cache
def hdf5_type(name: str) -> h5t.TypeID:
    """The HDF5 type that stock Keras would store this one as."""
    from h5py import h5t

    if is_extended(name):
        opaque = h5t.create(h5t.OPAQUE, numpy_type(name).itemsize)
        opaque.set_tag(b"")
        return opaque
    return h5t.py_create(numpy_type(name), logical=True)


def byte_view(array: np.ndarray[Any, Any]) -> memoryview:
    """The array's bytes, little-endian and in C order; copied only when they are not so already.

    Texts, which lie elsewhere, stand one after the other, each behind its length in eight bytes.
    """
    if array.dtype.kind == "O":
        texts = [one if isinstance(one, bytes) else str(one).encode("utf-8", "surrogatepass") for one in array.flat]
        return memoryview(b"".join(len(one).to_bytes(8, "little") + one for one in texts))
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
