"""Weights in numpy's `.npz`: a zip archive in which each member is one array, under its inner path.

What is read is arrays of numbers. Keras writes its own npz weights as pickled dicts, one a layer, which no Keras reads
back: they are refused, as is every pickle. Extras of an open one: `checksums`, of the bytes of each tensor that lies in
the file as in memory, which follow from the archive's own (others are compared when they are read); and `check()`,
which reads every member whole and raises `CorruptFileError` when a checksum is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np

from ..errors import CorruptFileError, KeptError, LimitExceededError
from ..limits import Limits
from .artifact import Artifact, Tensor
from .base import Format, Probe, refuse_second_reading
from .checksums import combine, crc32
from .dtypes import numpy_type, type_name
from .npy_header import PREFIX_NBYTES, NpyHeader, read_header
from .places import Place
from .source import Source
from .zip_layout import STORED, Member, beginning, check_member, read_directory, read_member

__all__ = ["FORMAT"]

_SUFFIX = ".npy"
# Where a zip archive has the length of its first member's name, and the name.
_NAME_LENGTH, _NAME = 26, 30


def _sniff(probe: Probe) -> bool:
    if not probe.is_zip:
        return False
    with Source(probe.path) as source:
        length = int.from_bytes(source.read_at(_NAME_LENGTH, 2), "little")
        if not source.read_at(_NAME, length).endswith(_SUFFIX.encode()):
            return False
        try:
            return all(name.endswith(_SUFFIX) for name in read_directory(source, probe.limits))
        except KeptError:
            return True  # opening it says what is wrong


def _open(path: Place, limits: Limits) -> Artifact:
    with ExitStack() as resources:
        source = resources.enter_context(Source(path))
        members = list(read_directory(source, limits).values())
        if len(members) > limits.tensor_count:
            raise LimitExceededError("too many tensors", path=path, expected=f"at most {limits.tensor_count}")
        refuse_second_reading(source, is_zip=True)
        source.expect((one.start, one.start + PREFIX_NBYTES + limits.npy_header_bytes) for one in members)
        tensors: dict[str, Tensor] = {}
        checksums: dict[str, str] = {}
        for member in members:
            tensor, header = _tensor(source, member, limits)
            tensors[tensor.path] = tensor
            if tensor.offset is not None:
                # CRC-32 is linear: without the header's part, what is left of the member's is that of the values.
                checksums[tensor.path] = f"crc32:{member.crc ^ combine(crc32(header), 0, tensor.nbytes):08x}"
        return Artifact(
            path,
            "npz_weights",
            tensors=tensors,
            extras={"checksums": checksums, "check": partial(_check, source, members)},
            _resources=resources.pop_all(),
        )


def _check(source: Source, members: Iterable[Member]) -> None:
    for member in members:
        check_member(source, member)


def _tensor(source: Source, member: Member, limits: Limits) -> tuple[Tensor, bytes]:
    """The tensor, and the bytes of the member before its values."""
    data = beginning(source, member, PREFIX_NBYTES + limits.npy_header_bytes)
    header = read_header(data, path=source.path, where=member.name, limits=limits)
    nbytes = math.prod(header.shape) * header.dtype.itemsize
    if header.nbytes + nbytes != member.nbytes:
        raise CorruptFileError(
            "holds another number of bytes than its header says",
            path=source.path,
            where=member.name,
            expected=f"{nbytes} bytes of {type_name(header.dtype)} {header.shape}",
            found=f"{member.nbytes - header.nbytes}",
        )
    path, name = member.name.removesuffix(_SUFFIX), type_name(header.dtype)
    if member.method == STORED and nbytes and header.order == "C" and header.dtype == numpy_type(name):
        return Tensor(path, header.shape, name, nbytes, member.start + header.nbytes, source), data[: header.nbytes]
    return Tensor(path, header.shape, name, nbytes, None, None, _reader(source, member, header)), data[: header.nbytes]


def _reader(source: Source, member: Member, header: NpyHeader) -> Callable[[Tensor], np.ndarray[Any, Any]]:
    """Reads what does not lie in the file as it lies in memory: unpacked, turned, or with its bytes swapped."""

    def read(tensor: Tensor) -> np.ndarray[Any, Any]:
        memory = read_member(source, member)
        array: np.ndarray[Any, Any] = np.ndarray(header.shape, header.dtype, memory, header.nbytes, order=header.order)
        array = array.astype(numpy_type(tensor.dtype), copy=not array.flags.aligned)
        array.flags.writeable = False
        return array

    return read


FORMAT = Format(".npz file of weights", _sniff, _open, rank=-1)
