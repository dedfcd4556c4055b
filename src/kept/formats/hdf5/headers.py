"""Headers of HDF5 objects in the plain subset, as their messages (section IV.A of the specification)."""

from __future__ import annotations

import struct

from .stretch import NotPlain, Stretch, need

__all__ = ["messages_at"]

_NIL, _CONTINUATION = 0, 0x10
_PASSED = frozenset({_NIL, _CONTINUATION})
_HEAD_NBYTES = 16
_EARLY = struct.Struct("<BBHII4x")
_EARLY_MESSAGE, _MESSAGE = struct.Struct("<HHI"), struct.Struct("<BHB")
_SPAN = struct.Struct("<QQ")
_SUM_NBYTES, _MOST_MESSAGES = 4, 1 << 12
# A constant message, and one that is never to be shared.
_FLAGS = 0x01 | 0x04
# The width of the size in the two lowest bits, and times, which nobody asks for.
_HEADER_FLAGS, _HAS_TIMES = 0x03 | 0x20, 0x20


def messages_at(file: Stretch, address: int) -> list[tuple[int, bytes]]:
    """Kind and content of each message of an object, without those that are nothing or say where the rest is."""
    head = file.at(address, _HEAD_NBYTES)
    return _modern(file, address, head) if head.startswith(b"OHDR") else _early(file, address, head)


def _early(file: Stretch, address: int, head: bytes) -> list[tuple[int, bytes]]:
    """Version 1: the number of messages is told, and nothing has a checksum."""
    version, reserved, count, references, nbytes = _EARLY.unpack(head)
    need(version == 1 and reserved == 0 and references > 0)
    found: list[tuple[int, bytes]] = []
    parts = [file.take(address, _HEAD_NBYTES + nbytes)[_HEAD_NBYTES:]]
    for part in parts:
        at, end = 0, len(part)
        while at < end:
            kind, nbytes, flags = _EARLY_MESSAGE.unpack_from(part, at)
            begin = at + _EARLY_MESSAGE.size
            at = begin + nbytes
            if flags & ~_FLAGS or nbytes % 8 or at > end or len(found) >= count:
                raise NotPlain
            if kind == _CONTINUATION:
                parts.append(file.take(*_SPAN.unpack_from(part, begin)))
            found.append((kind, part[begin:at]))
    need(len(found) == count)
    return [message for message in found if message[0] not in _PASSED]


def _modern(file: Stretch, address: int, head: bytes) -> list[tuple[int, bytes]]:
    """Version 2: checksums behind every part."""
    version, flags = head[4], head[5]
    need(version == 2 and not flags & ~_HEADER_FLAGS)
    size_at = 22 if flags & _HAS_TIMES else 6
    first = size_at + (1 << (flags & 3))
    head = head if first <= _HEAD_NBYTES else file.at(address, first)
    found: list[tuple[int, bytes]] = []
    parts = [_checked(file, address, first + int.from_bytes(head[size_at:first], "little") + _SUM_NBYTES)]
    for part in parts:
        at, end, before = first, len(part) - _SUM_NBYTES, len(found)
        while at + _MESSAGE.size <= end:
            kind, nbytes, flags = _MESSAGE.unpack_from(part, at)
            begin = at + _MESSAGE.size
            at = begin + nbytes
            if flags & ~_FLAGS or at > end or len(found) >= _MOST_MESSAGES:
                raise NotPlain
            if kind == _CONTINUATION:
                parts.append(_checked(file, *_SPAN.unpack_from(part, begin)))
                need(parts[-1].startswith(b"OCHK"))
            found.append((kind, part[begin:at]))
        # Less than a message may be left, if there was nothing to add it to.
        need(at == end or all(kind != _NIL for kind, _ in found[before:]))
        first = len(b"OCHK")
    return [message for message in found if message[0] not in _PASSED]


def _checked(file: Stretch, address: int, nbytes: int) -> bytes:
    part = file.take(address, nbytes)
    file.check(part[:-_SUM_NBYTES], int.from_bytes(part[-_SUM_NBYTES:], "little"))
    return part
