"""Tensors that HDF5 keeps in filtered pieces, unpacked here: HDF5 itself inflates a piece to whatever it comes to."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from h5py import h5d, h5z

from ...errors import CorruptFileError

__all__ = ["FILTERS", "read_filtered"]

# What is unpacked here. Any other would be code: HDF5 looks for plug-ins.
FILTERS = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32})
_SUM_NBYTES = 4
# What deflate may add to bytes that do not get smaller, and a checksum.
_SLACK_NBYTES = 1 << 12


def read_filtered(dataset: h5d.DatasetID, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """All values of a dataset in chunks, of which none becomes larger than it says.

    Args:
        dataset: One whose filters are all in `FILTERS`.
        dtype: As it is stored.

    Raises:
        CorruptFileError: A chunk is damaged; it has no path yet.
    """
    properties = dataset.get_create_plist()
    filters = [properties.get_filter(index)[0] for index in range(properties.get_nfilters())]
    lengths, shape = properties.get_chunk(), dataset.shape
    array = np.empty(shape, dtype)
    if len(list(_places(dataset))) < math.prod(-(-length // step) for length, step in zip(shape, lengths, strict=True)):
        fill: np.ndarray[Any, Any] = np.zeros(1, dtype)
        properties.get_fill_value(fill)
        array[...] = fill[0]
    for offset, nbytes in _places(dataset):
        if nbytes > math.prod(lengths) * dtype.itemsize + _SLACK_NBYTES:
            raise _damaged("is larger than what it unpacks to")
        mask, data = dataset.read_direct_chunk(offset)
        chunk = _unpacked(data, [one for bit, one in enumerate(filters) if not mask >> bit & 1], lengths, dtype)
        inner = tuple(slice(at, at + step) for at, step in zip(offset, lengths, strict=True))
        target = array[inner]
        target[...] = chunk[tuple(map(slice, target.shape))]
    return array


def _places(dataset: h5d.DatasetID) -> Iterator[tuple[tuple[int, ...], int]]:
    found: list[tuple[tuple[int, ...], int]] = []
    dataset.chunk_iter(lambda info: found.append((info.chunk_offset, info.size)))
    return iter(found)


def _unpacked(data: bytes, filters: list[int], lengths: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    nbytes = math.prod(lengths) * dtype.itemsize
    for one in reversed(filters):
        if one == h5z.FILTER_FLETCHER32:
            data = _without_sum(data)
        elif one == h5z.FILTER_DEFLATE:
            data = _inflated(data, nbytes + _SLACK_NBYTES)
        elif dtype.itemsize > 1:
            if len(data) % dtype.itemsize:
                raise _damaged("has no whole number of values")
            data = np.frombuffer(data, np.uint8).reshape(dtype.itemsize, -1).T.tobytes()
    if len(data) != nbytes:
        raise _damaged("unpacks to another size", f"{nbytes} bytes", f"{len(data)}")
    return np.frombuffer(data, dtype).reshape(lengths)


def _inflated(data: bytes, most: int) -> bytes:
    inflate = zlib.decompressobj()
    try:
        unpacked = inflate.decompress(data, most)
    except zlib.error as error:
        raise _damaged("cannot be decompressed", found=str(error)) from error
    if not inflate.eof:
        raise _damaged("unpacks to another size", f"at most {most} bytes", "more, or no end")
    return unpacked


def _without_sum(data: bytes) -> bytes:
    """What a Fletcher-32 of 16-bit words stands behind, which must be right."""
    content, said = data[:-_SUM_NBYTES], data[-_SUM_NBYTES:]
    if len(said) < _SUM_NBYTES:
        raise _damaged("is cut")
    words = np.frombuffer(content + b"\0" * (len(content) % 2), ">u2").astype(np.uint64)
    first = second = 0
    for start in range(0, len(words), 1 << 16):
        part = words[start : start + (1 << 16)]
        weights = np.arange(len(part), 0, -1, dtype=np.uint64)
        second = (second + first * len(part) + int((part * weights).sum())) % 0xFFFF
        first = (first + int(part.sum())) % 0xFFFF
    return _checked(content, said, first, second)


def _checked(content: bytes, said: bytes, first: int, second: int) -> bytes:
    # HDF5 folds its sums and leaves 0xFFFF where the remainder is 0, or 0: the two are one number to it.
    stored = int.from_bytes(said, "little")
    if (stored & 0xFFFF) % 0xFFFF != first or (stored >> 16) % 0xFFFF != second:
        raise _damaged("has a wrong checksum")
    return content


def _damaged(message: str, expected: str = "", found: str = "") -> CorruptFileError:
    return CorruptFileError(f"a piece of it {message}", expected=expected, found=found)
