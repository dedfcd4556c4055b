"""TensorFlow's checkpoint of many tensors: a table that says where each lies, and the files in which they do.

`NAME.index` has for each key type, shape, shard, place and checksum; the shards are `NAME.data-00000-of-00001` and so
on. A partitioned variable has an entry for the whole, without data, and one for each of its slices.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from ...errors import CorruptFileError, LimitExceededError, UnsupportedVersionError, shown
from ...limits import Limits
from ..artifact import Tensor
from ..dtypes import numpy_type
from ..places import Place
from ..shapes import checked_shape
from ..source import Source
from .crc32c import crc32c, unmasked
from .protobuf import Reader, fixed32, integer, message, messages, truth
from .sstable import Table

__all__ = ["OBJECT_GRAPH", "TYPES", "Bundle", "Shape", "read_bundle", "slice_key"]

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
# `tensorflow.DType`, by number; the quantized ones are plain integers with a scale elsewhere.
TYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64",
    9: "int64", 10: "bool", 11: "int8", 12: "uint8", 13: "int32", 14: "bfloat16", 15: "int16", 16: "uint16",
    17: "uint16", 18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
    24: "float8_e5m2", 25: "float8_e4m3fn", 26: "float8_e4m3fnuz", 27: "float8_e4m3b11fnuz", 28: "float8_e5m2fnuz",
    29: "int4", 30: "uint4", 31: "int2", 32: "uint2",
}  # fmt: skip
_TEXT, _OPAQUE = "string", ("resource", "variant")
_OF_ANY_SIZE = (_TEXT, *_OPAQUE)
_BIG_ENDIAN = 1
_PIECE_NBYTES = 1 << 22

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class _Dimension:
    size: int = integer(1)


@dataclass(frozen=True, slots=True)
class Shape:
    """`TensorShapeProto`."""

    dimensions: Sequence[_Dimension] = messages(2, _Dimension)
    of_unknown_rank: bool = truth(3)

    @property
    def lengths(self) -> tuple[int, ...]:
        """As the file has them; -1 for one that may vary."""
        return tuple(one.size for one in self.dimensions)


@dataclass(frozen=True, slots=True)
class _Header:
    shard_count: int = integer(1)
    endianness: int = integer(2)


@dataclass(frozen=True, slots=True)
class _Extent:
    start: int = integer(1)
    length: int | None = field(default=None, metadata=integer(2).metadata)


@dataclass(frozen=True, slots=True)
class _Slice:
    extents: Sequence[_Extent] = messages(1, _Extent)


@dataclass(frozen=True, slots=True)
class _Entry:
    dtype: int = integer(1)
    shape: Shape | None = message(2, Shape)
    shard: int = integer(3)
    offset: int = integer(4)
    nbytes: int = integer(5)
    crc: int = fixed32(6)
    slices: Sequence[_Slice] = messages(7, _Slice)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a checkpoint holds.

    Attributes:
        tensors: By the keys of the checkpoint, without the ending that says that they are values of variables.
        keys: The whole keys, by path.
        objects: The graph of the objects whose variables these are, where there is one.
        shards: Names of the files with the data.
    """

    tensors: Mapping[str, Tensor]
    keys: Mapping[str, str]
    objects: Tensor | None
    shards: Sequence[str]
    _checks: Sequence[partial[None]]

    def check(self) -> None:
        """Compares the checksum of every tensor.

        Raises:
            CorruptFileError: One is wrong.
        """
        for check in self._checks:
            check()


def read_bundle(prefix: Place, limits: Limits, resources: ExitStack, index: Place | None = None) -> Bundle:
    """Opens a checkpoint.

    Args:
        prefix: Its files are this path with `.index` and so on at its end.
        limits: The caps.
        resources: What closes its files.
        index: The file of the index, where it is called otherwise.

    Raises:
        CorruptFileError: It is damaged, cut, or a file of it is missing.
        LimitExceededError: It is larger than the limits allow.
        UnsupportedVersionError: Something that TensorFlow does not write today.
    """
    return _Opening(prefix, index or prefix.with_name(prefix.name + ".index"), limits, resources).bundle()


class _Opening:
    def __init__(self, prefix: Place, path: Place, limits: Limits, resources: ExitStack) -> None:
        self.prefix, self.path, self.limits, self.resources = prefix, path, limits, resources
        with Source(self.path) as source:
            table = Table(source, limits)
        self.header = _Header()
        self.entries: dict[bytes, _Entry] = {}
        reader = Reader(self.path, limits)
        for key, value in table:
            if key:
                self.entries[key] = reader.read(_Entry, value)
            else:
                self.header = reader.read(_Header, value)
        self.sources = self._shards()

    def bundle(self) -> Bundle:
        found: dict[str, Tensor] = {}
        checks = []
        named = {self._name(key): entry for key, entry in self.entries.items() if not key.startswith(b"\0")}
        used: list[tuple[_Entry, str]] = []
        for name, entry in named.items():
            parts = self._parts(name, entry)
            used += [(part, name) for _, part in parts]
            found[name] = self._tensor(name, entry, parts)
            checks += [partial(self._check, name, found[name].dtype, part) for _, part in parts]
        whole_count = sum(bool(entry.slices) for entry in self.entries.values())
        if not len(used) == len({id(entry) for entry, _ in used}) == len(self.entries) - whole_count:
            raise self._corrupt("", "slices of no tensor, or of two")
        self._refuse_overlaps(used)
        objects = found.pop(OBJECT_GRAPH, None)
        paths = {name: name.removesuffix(_VALUE) for name in found}
        paths = {name: path if path == name or path not in found else name for name, path in paths.items()}
        tensors = {path: replace(found[name], path=path) for name, path in paths.items()}
        keys = {path: name for name, path in paths.items()}
        return Bundle(tensors, keys, objects, [source.path.name for source in self.sources], checks)

    def _name(self, key: bytes) -> str:
        try:
            return key.decode()
        except UnicodeDecodeError as error:
            raise self._corrupt(shown(key), "a key is not UTF-8") from error

    def _shards(self) -> list[Source]:
        count = self.header.shard_count
        if self.header.endianness not in (0, _BIG_ENDIAN):
            raise self._corrupt("", "no order of bytes", found=str(self.header.endianness))
        if not 0 < count <= self.limits.member_count:
            kind = LimitExceededError if count > 0 else CorruptFileError
            expected = f"from 1 to {self.limits.member_count}"
            raise kind("not a number of shards", path=self.path, expected=expected, found=str(count))
        names = [f"{self.prefix.name}.data-{index:05d}-of-{count:05d}" for index in range(count)]
        for name in names:
            if not self.prefix.with_name(name).is_file():
                raise CorruptFileError("a part of the checkpoint is missing", path=self.path, where=name)
        return [self.resources.enter_context(Source(self.prefix.with_name(name))) for name in names]

    def _parts(self, name: str, entry: _Entry) -> list[tuple[tuple[slice, ...], _Entry]]:
        """Where in the tensor each entry with data of its own belongs."""
        if not entry.slices:
            return [((), entry)]
        lengths = self._shape(name, entry)
        found, total = [], 0
        for one in entry.slices:
            extents = [(each.start, each.length) for each in one.extents]
            bounds = [
                (start, start + (whole - start if length is None else length))
                for (start, length), whole in zip(extents, lengths, strict=False)
            ]
            part = self.entries.get(slice_key(name, extents))
            if len(extents) != len(lengths) or part is None or part.slices or part.dtype != entry.dtype:
                raise self._corrupt(name, "a slice is missing, or of another kind", found=shown(extents))
            shape = tuple(end - start for start, end in bounds)
            inside = all(0 <= start <= end <= whole for (start, end), whole in zip(bounds, lengths, strict=True))
            if not inside or self._shape(name, part) != shape:
                raise self._corrupt(name, "a slice does not fit its tensor", found=shown(extents))
            total += math.prod(shape)
            found.append((tuple(slice(start, end) for start, end in bounds), part))
        if total != math.prod(lengths):
            raise self._corrupt(name, "its slices overlap, or leave a part out")
        return found

    def _shape(self, name: str, entry: _Entry) -> tuple[int, ...]:
        dtype = TYPES.get(entry.dtype)
        if dtype is None:
            raise UnsupportedVersionError(
                "a type of no known number", path=self.path, where=name, found=str(entry.dtype)
            )
        itemsize = 1 if dtype in _OF_ANY_SIZE else numpy_type(dtype).itemsize
        shape = entry.shape or Shape()
        if shape.of_unknown_rank:
            raise self._corrupt(name, "a tensor without a shape")
        return checked_shape(shape.lengths, itemsize, path=self.path, where=name)

    def _tensor(self, name: str, entry: _Entry, parts: list[tuple[tuple[slice, ...], _Entry]]) -> Tensor:
        shape, dtype = self._shape(name, entry), TYPES[entry.dtype]
        for _, part in parts:
            self._refuse_misplaced(name, part, dtype)
        nbytes = sum(part.nbytes for _, part in parts)
        if dtype in _OPAQUE:
            return Tensor(name, shape, dtype, nbytes, None, None, self._refuse_opaque)
        swapped = self.header.endianness == _BIG_ENDIAN
        if entry.slices or dtype == _TEXT or swapped or not nbytes:
            return Tensor(name, shape, dtype, nbytes, None, None, partial(self._assembled, parts))
        return Tensor(name, shape, dtype, nbytes, entry.offset, self.sources[entry.shard])

    def _refuse_misplaced(self, name: str, entry: _Entry, dtype: str) -> None:
        if not 0 <= entry.shard < len(self.sources):
            raise self._corrupt(name, "a shard that is not there", found=str(entry.shard))
        held = self.sources[entry.shard].nbytes
        if entry.offset < 0 or entry.nbytes < 0 or entry.offset + entry.nbytes > held:
            found = f"{entry.nbytes} bytes at {entry.offset} of {held}"
            raise self._corrupt(name, "a tensor reaches beyond the end, or the file is cut", found=found)
        count = math.prod(self._shape(name, entry))
        exact = None if dtype in _OF_ANY_SIZE else count * numpy_type(dtype).itemsize
        if entry.nbytes != exact and (exact is not None or entry.nbytes < count):
            raise self._corrupt(name, "its size does not fit its shape", found=f"{entry.nbytes} bytes")

    def _refuse_overlaps(self, used: list[tuple[_Entry, str]]) -> None:
        ends = [0] * len(self.sources)
        for entry, name in sorted(used, key=lambda one: (one[0].offset, one[0].nbytes)):
            if entry.offset < ends[entry.shard] and entry.nbytes:
                raise self._corrupt(name, "tensors overlap")
            ends[entry.shard] = max(ends[entry.shard], entry.offset + entry.nbytes)

    def _refuse_opaque(self, tensor: Tensor) -> Array:
        raise UnsupportedVersionError(
            f"a tensor of type {tensor.dtype}, which only TensorFlow can read", path=self.path, where=tensor.path
        )

    def _assembled(self, parts: list[tuple[tuple[slice, ...], _Entry]], tensor: Tensor) -> Array:
        """Reads what does not lie in one file as it lies in memory: texts, slices, and bytes in the other order."""
        if not parts[0][0]:
            array = self._values(tensor, parts[0][1]).reshape(tensor.shape)
        else:
            array = np.empty(tensor.shape, np.dtype(object) if tensor.dtype == _TEXT else numpy_type(tensor.dtype))
            covered = np.zeros(tensor.shape, bool)
            for place, entry in parts:
                array[place] = self._values(tensor, entry).reshape(self._shape(tensor.path, entry))
                covered[place] = True
            if not covered.all():
                raise self._corrupt(tensor.path, "its slices overlap, or leave a part out")
        array.flags.writeable = False
        return array

    def _values(self, tensor: Tensor, entry: _Entry) -> Array:
        data = self.sources[entry.shard].read_at(entry.offset, entry.nbytes)
        if tensor.dtype == _TEXT:
            return self._texts(tensor.path, entry, memoryview(data))[0]
        kind = numpy_type(tensor.dtype)
        swapped = self.header.endianness == _BIG_ENDIAN
        found: Array = np.frombuffer(data, np.uint8).reshape(-1, kind.itemsize)
        if swapped:
            width = kind.itemsize // (2 if kind.kind == "c" else 1)
            found = found.reshape(-1, width)[:, ::-1]
        return np.ascontiguousarray(found).reshape(-1).view(kind)

    def _texts(self, name: str, entry: _Entry, data: memoryview) -> tuple[Array, bytes]:
        """Texts, and what their checksum is over: their lengths in a fixed width, then the rest of the data."""
        count, at = math.prod(self._shape(name, entry)), 0
        reader, lengths, fixed = Reader(self.path, self.limits, name), [], bytearray()
        for _ in range(count):
            length, at = reader.varint(data, at)
            lengths.append(length)
            fixed += length.to_bytes(4 if length <= 0xFFFFFFFF else 8, "little")
        start = at + 4
        if start + sum(lengths) != len(data) or crc32c(fixed) != unmasked(int.from_bytes(data[at:start], "little")):
            raise self._corrupt(name, "the lengths of its texts are damaged")
        found: Array = np.empty(count, object)
        end = start
        for index, length in enumerate(lengths):
            found[index], end = bytes(data[end : end + length]), end + length
        return found, bytes(fixed)

    def _check(self, name: str, dtype: str, entry: _Entry) -> None:
        source, crc, start = self.sources[entry.shard], 0, 0
        if dtype in _OPAQUE:
            return
        if dtype == _TEXT:
            data = memoryview(source.read_at(entry.offset, entry.nbytes))
            texts, fixed = self._texts(name, entry, data)
            start = entry.nbytes - sum(map(len, texts)) - 4
            crc = crc32c(fixed)
        for at in range(start, entry.nbytes, _PIECE_NBYTES):
            crc = crc32c(source.read_at(entry.offset + at, min(_PIECE_NBYTES, entry.nbytes - at)), crc)
        if crc != unmasked(entry.crc):
            raise self._corrupt(name, "damaged: its checksum is wrong")

    def _corrupt(self, name: str, message: str, found: str = "") -> CorruptFileError:
        return CorruptFileError(message, path=self.path, where=name, found=found)


def slice_key(name: str, extents: Sequence[tuple[int, int | None]]) -> bytes:
    """The key of a slice of a partitioned variable, in the encoding that keeps numbers and texts in order.

    Args:
        name: The key of the whole.
        extents: Start and length in each dimension; None for all of it.
    """
    numbers = [number for start, length in extents for number in (start, -1 if length is None else length)]
    return b"\0" + _ordered_text(name.encode()) + _ordered_count(len(extents)) + b"".join(map(_ordered_number, numbers))


def _ordered_text(text: bytes) -> bytes:
    return b"".join({0: b"\0\xff", 255: b"\xff\0"}.get(byte, bytes([byte])) for byte in text) + b"\0\x01"


def _ordered_count(number: int) -> bytes:
    digits = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def _ordered_number(number: int) -> bytes:
    """As many ones as bytes, less one, then a zero, then the number; all bits turned for a negative one."""
    nbytes = (number if number >= 0 else ~number).bit_length() // 7 + 1
    bits = (number & ((1 << 8 * nbytes) - 1)) ^ (((1 << nbytes) - 1) << (7 * nbytes))
    return bits.to_bytes(nbytes, "big")
