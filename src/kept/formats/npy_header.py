"""What stands before the values in one array of numpy's `.npy`: a Python dict as text, matched and never evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..errors import CorruptFileError, LimitExceededError, PickledDataError, SerializationError, shown
from ..limits import Limits
from .dtypes import numpy_type
from .places import Place
from .shapes import checked_shape

__all__ = ["PREFIX_NBYTES", "NpyHeader", "read_header"]

# The most bytes before the text: magic, version, and the text's length.
PREFIX_NBYTES = 12
_PREFIX = {1: 10, 2: 12, 3: 12}
_MAGIC, _PICKLE = b"\x93NUMPY", b"\x80"
_ENTRY = rb"'(descr|fortran_order|shape)'\s*:\s*('[^'\\]*'|True|False|\([\d,\s]*\))\s*"
_TEXT = re.compile(rb"\s*\{\s*" + _ENTRY + rb",\s*" + _ENTRY + rb",\s*" + _ENTRY + rb",?\s*\}\s*")
_NUMBERS = re.compile(r"'[<>|]?[biufc]\d{1,2}'")
_OBJECTS = re.compile(rb"['\"][<>=|]?O\d*['\"]")
_SHAPE = re.compile(r"\((\d{1,19}\s*,\s*)*(\d{1,19})?\s*\)")
_ORDERS: dict[bytes, Literal["C", "F"]] = {b"False": "C", b"True": "F"}


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """What an array's header says.

    Attributes:
        shape: Of the array.
        dtype: As it is stored; may be big-endian.
        order: Order of the values; "F" only where that makes a difference.
        nbytes: Its own length, after which the values begin.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: Literal["C", "F"]
    nbytes: int


def read_header(data: bytes, *, path: Place, where: str, limits: Limits) -> NpyHeader:
    """The header at the beginning of an array.

    Args:
        data: As many bytes of it as the limits allow a header to have, or all.
        path: The file, for errors.
        where: The member, for errors.
        limits: The cap on its size.

    Raises:
        PickledDataError: The values are Python objects, which only unpickling reads.
        CorruptFileError: It is no array of numbers.
        LimitExceededError: It is too long, or the array larger than any.
    """

    def corrupt(message: str, found: bytes) -> CorruptFileError:
        return CorruptFileError(message, path=path, where=where, expected="an array of numbers", found=shown(found))

    start = _PREFIX.get(data[6]) if data.startswith(_MAGIC) and len(data) >= PREFIX_NBYTES else None
    nbytes = int.from_bytes(data[8:start], "little") if start else 0
    if nbytes > limits.npy_header_bytes:
        most = f"at most {limits.npy_header_bytes} bytes"
        raise LimitExceededError("its header is too long", path=path, where=where, expected=most, found=f"{nbytes}")
    text = data[start : start + nbytes] if start else b""
    if data.startswith(_PICKLE) or _OBJECTS.search(text):
        raise PickledDataError(
            "is a pickle, which runs code when it is read",
            path=path,
            where=where,
            expected="an array of numbers",
            hint="Keras writes npz weights so, and cannot read them itself: save them as .weights.h5",
        )
    if start is None:
        raise corrupt("is no array of numpy", data[:16])
    found = _TEXT.fullmatch(text)
    fields = dict(zip(found.groups()[::2], found.groups()[1::2], strict=True)) if found else {}
    order, lengths = _ORDERS.get(fields.get(b"fortran_order", b"")), _lengths(fields.get(b"shape", b""))
    if len(text) < nbytes or order is None or lengths is None or b"descr" not in fields:
        raise corrupt("its header cannot be read", text)
    dtype = _dtype(fields[b"descr"].decode("latin-1"))
    if dtype is None:
        raise corrupt("no tensor has such a type", fields[b"descr"])
    shape = checked_shape(lengths, dtype.itemsize, path=path, where=where)
    return NpyHeader(shape, dtype, order if len(shape) > 1 else "C", start + nbytes)


def _lengths(shape: bytes) -> list[int] | None:
    """The numbers of a tuple as Python writes it: `(3, 4)`, `(3,)`, `()`."""
    text = shape.decode("latin-1")
    return [int(length) for length in re.findall(r"\d+", text)] if _SHAPE.fullmatch(text) else None


def _dtype(said: str) -> np.dtype[Any] | None:
    if not _NUMBERS.fullmatch(said):
        return None
    name = said.strip("'")
    try:
        little = numpy_type(name)
    except SerializationError:
        return None
    return little.newbyteorder(">") if name.startswith(">") else little
