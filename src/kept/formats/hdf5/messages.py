"""Messages of HDF5 objects in the plain subset: spaces, types, layouts, attributes (section IV.A of the specification).

A type is known by its very bytes, as HDF5 writes them for numpy's types and for no others.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from .stretch import UNDEFINED, Stretch, need

__all__ = ["TYPES", "Attributes", "is_plain_fill", "opaque_nbytes", "place_of", "shape_of"]

_LENGTHS = struct.Struct("<HHH")
_COLLECTION, _COLLECTED = struct.Struct("<4sB3xQ"), struct.Struct("<HHIQ")
_TEXT = struct.Struct("<IQI")
_CONTIGUOUS = struct.Struct("<BBQQ")
_MOST_DIMENSIONS = 32


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 8)


def _integer(nbytes: int, *, signed: bool) -> bytes:
    return struct.pack("<BBHIHH", 0x10, 8 * signed, 0, nbytes, 0, 8 * nbytes)


def _float(nbytes: int, exponent: int, mantissa: int) -> bytes:
    bits = 8 * nbytes
    head = struct.pack("<BBBBIHH", 0x11, 0x20, bits - 1, 0, nbytes, 0, bits)
    return head + struct.pack("<BBBBI", mantissa, exponent, 0, mantissa, (1 << exponent - 1) - 1)


_FLOATS = {"float16": _float(2, 5, 10), "float32": _float(4, 8, 23), "float64": _float(8, 11, 52)}
_NUMBERS = {
    **{f"int{8 * size}": _integer(size, signed=True) for size in (1, 2, 4, 8)},
    **{f"uint{8 * size}": _integer(size, signed=False) for size in (1, 2, 4, 8)},
    **_FLOATS,
}


def _bool(version: int) -> bytes:
    names = [b"FALSE\0", b"TRUE\0"]
    pad = _padded if version == 1 else bytes
    return struct.pack("<BHBI", version << 4 | 8, 2, 0, 1) + _NUMBERS["int8"] + b"".join(map(pad, names)) + b"\0\1"


def _complex(version: int, part: str) -> bytes:
    stored = _FLOATS[part]
    nbytes = stored[4]
    early = bytes(28)  # dimensions of members, of which there are none
    members = [
        struct.pack("<8sI", name, at) + early + stored if version == 1 else name + struct.pack("<BB", 0, at) + stored
        for name, at in ((b"r", 0), (b"i", nbytes))
    ]
    return struct.pack("<BHBI", version << 4 | 6, 2, 0, 2 * nbytes) + b"".join(members)


_STORED = {
    **{name: [stored] for name, stored in _NUMBERS.items()},
    "bool": [_bool(1), _bool(3)],
    "complex64": [_complex(1, "float32"), _complex(3, "float32")],
    "complex128": [_complex(1, "float64"), _complex(3, "float64")],
}
TYPES = {form: name for name, forms in _STORED.items() for one in forms for form in (one, _padded(one))}
"""Name of numpy's type by the content of a message."""

_NUMBER_TYPES = {stored: np.dtype(name).newbyteorder("<") for name, stored in _NUMBERS.items()}
_TEXT_TYPES = {
    struct.pack("<BBBBI", 0x19, 1, charset, 0, 16) + struct.pack("<IIHH", 0x10, 1, 0, 8) for charset in (0, 1)
}
_FIXED_TEXTS = {struct.pack("<BBBB", 0x13, 1 | charset << 4, 0, 0) for charset in (0, 1)}


def opaque_nbytes(content: bytes) -> int:
    """The size of one value of a type without a meaning or a name, as which those of ml_dtypes are stored."""
    need(len(content) == 8 and content.startswith(b"\x15\0\0\0"))
    return int.from_bytes(content[4:], "little")


def shape_of(content: bytes) -> tuple[int, ...]:
    """The shape that a space tells, which can never grow."""
    version, rank, flags = content[:3]
    begin = {1: 8, 2: 4}.get(version, 0)
    reserved = content[3:8] == bytes(5) if version == 1 else content[3] == (rank > 0)
    need(begin > 0 and reserved and flags in (0, 1) and rank <= _MOST_DIMENSIONS and not (flags and not rank))
    need(len(content) == begin + 8 * rank * (1 + flags))
    lengths = struct.unpack_from(f"<{rank * (1 + flags)}Q", content, begin)
    need(not flags or lengths[:rank] == lengths[rank:])
    return lengths[:rank]


def is_plain_fill(content: bytes) -> bool:
    """Whether a message tells of no value of its own for what was never written."""
    if content[0] == 2:
        return content[1] in (1, 2, 3) and content[2] in (0, 1, 2) and content[3:] in (b"\1\0\0\0\0", bytes(5))
    times = content[1]
    return len(content) == 2 and content[0] == 3 and times < 0x0C and bool(times & 3)


def place_of(content: bytes, nbytes: int) -> int | None:
    """Where a row of so many bytes lies in one piece; None where there are none."""
    version, kind, address, said = _CONTIGUOUS.unpack_from(content)
    need(version == 3 and kind == 1 and said == nbytes and not any(content[_CONTIGUOUS.size :]))
    need((address == UNDEFINED) == (nbytes == 0))
    return address if nbytes else None


@dataclass(slots=True)
class Attributes:
    """The attributes of a file, and the heaps in which their texts are.

    Attributes:
        file: Its bytes.
        most_nbytes: How large they may be together.
    """

    file: Stretch
    most_nbytes: int
    _heaps: dict[int, dict[int, bytes]]

    def read(self, messages: list[bytes]) -> dict[str, Any]:
        """Name and value of each message of one object: a text, a number or a list of them."""
        found = dict(self._attribute(message) for message in messages)
        need(len(found) == len(messages))
        return {name: found[name] for name in sorted(found, key=str.encode)}

    def _attribute(self, message: bytes) -> tuple[str, Any]:
        version, flags = message[:2]
        need(version in (1, 3) and flags == 0)
        at, values = 8 if version == 1 else 9, []
        need(version == 1 or message[8] in (0, 1))
        for nbytes in _LENGTHS.unpack_from(message, 2):
            values.append(message[at : at + nbytes])
            need(len(values[-1]) == nbytes)
            at += nbytes + (-nbytes % 8 if version == 1 else 0)
        name, stored, space = values
        need(name.find(b"\0") == len(name) - 1 > 0)
        shape = shape_of(space.ljust(8, b"\0") if version == 1 else space)
        need(len(shape) <= 1)
        return name[:-1].decode(), self._value(stored, shape, message[at:])

    def _value(self, stored: bytes, shape: tuple[int, ...], content: bytes) -> Any:
        count = math.prod(shape)
        if stored in _TEXT_TYPES:
            self._count(content, count * _TEXT.size)
            texts = [self._text(*_TEXT.unpack_from(content, at * _TEXT.size)) for at in range(count)]
            return texts if shape else texts[0]
        if stored[:4] in _FIXED_TEXTS:
            size = int.from_bytes(stored[4:], "little")
            need(len(stored) == 8 and size > 0)
            self._count(content, count * size)
            texts = [content[at * size : (at + 1) * size].rstrip(b"\0").decode() for at in range(count)]
            return texts if shape else texts[0]
        dtype = _NUMBER_TYPES.get(stored)
        need(dtype is not None)
        assert dtype is not None
        self._count(content, count * dtype.itemsize)
        return np.frombuffer(content, dtype, count).reshape(shape).tolist()

    def _count(self, content: bytes, nbytes: int) -> None:
        need(nbytes <= len(content))
        self.most_nbytes -= nbytes
        need(self.most_nbytes >= 0)

    def _text(self, nbytes: int, address: int, index: int) -> str:
        need(nbytes > 0)
        heap = self._heaps.get(address)
        if heap is None:
            heap = self._heaps[address] = self._collection(address)
        text = heap.get(index)
        need(text is not None and len(text) == nbytes)
        assert text is not None
        need(b"\0" not in text)
        self.most_nbytes -= nbytes
        need(self.most_nbytes >= 0)
        return text.decode()

    def _collection(self, address: int) -> dict[int, bytes]:
        """A global heap collection (section III.E of the specification)."""
        signature, version, nbytes = _COLLECTION.unpack(self.file.at(address, _COLLECTION.size))
        need(signature == b"GCOL" and version == 1 and nbytes >= 4096)
        content = self.file.take(address, nbytes)
        found: dict[int, bytes] = {}
        at = _COLLECTION.size
        while at + _COLLECTED.size <= nbytes:
            index, _, _, size = _COLLECTED.unpack_from(content, at)
            if index == 0:  # all that is free, and nothing comes behind it
                need(size == nbytes - at)
                break
            at += _COLLECTED.size
            need(index not in found and at + size <= nbytes)
            found[index] = content[at : at + size]
            at += size + -size % 8
        return found
