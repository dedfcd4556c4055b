"""The checksum of HDF5's own structure, for many pieces at once: lookup3 of Bob Jenkins, which the specification names.

Byte by byte it would cost more than all the rest of reading, so numpy works on one word of every piece at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

__all__ = ["lookup3", "sums"]

_Word = TypeVar("_Word", int, Any)  # of 32 bits: one, or an array of them
_State = tuple[_Word, _Word, _Word]
_MOST, _SEED = 0xFFFFFFFF, 0xDEADBEEF
_BLOCK = struct.Struct("<3I")
# With fewer pieces than that, Python's own numbers are faster.
_FEW = 12


def sums(pieces: Sequence[bytes]) -> list[int]:
    """The checksum of each piece, none of which is empty."""
    padded = [piece + bytes(-len(piece) % _BLOCK.size) for piece in pieces]
    order = sorted(range(len(pieces)), key=lambda index: -len(padded[index]))
    words = np.frombuffer(b"".join(padded[index] for index in order), "<u4")
    blocks = np.array([len(padded[index]) // _BLOCK.size for index in order])
    starts = (np.cumsum(blocks) - blocks) * 3
    seeds = np.array([(_SEED + len(pieces[index])) & _MOST for index in order], np.uint32)
    a, b, c = seeds.copy(), seeds.copy(), seeds.copy()
    number = 0
    while (count := int(np.searchsorted(-blocks, -number - 1, "left"))) >= _FEW:
        at = starts[:count] + 3 * number
        state = a[:count] + words[at], b[:count] + words[at + 1], c[:count] + words[at + 2]
        a[:count], b[:count], c[:count] = _mixed(*state)
        number += 1
    for index in range(count):
        rest = padded[order[index]][number * _BLOCK.size : -_BLOCK.size]
        a[index], b[index], c[index] = _run(int(a[index]), int(b[index]), int(c[index]), rest)
    last = starts + 3 * (blocks - 1)
    ended = _ended(a + words[last], b + words[last + 1], c + words[last + 2])
    found = dict(zip(order, ended.tolist(), strict=True))
    return [found[index] for index in range(len(pieces))]


def lookup3(piece: bytes) -> int:
    """The checksum of one piece."""
    return sums([piece])[0]


def _run(a: int, b: int, c: int, content: bytes) -> tuple[int, int, int]:
    for first, second, third in _BLOCK.iter_unpack(content):
        a, b, c = _mixed(a + first & _MOST, b + second & _MOST, c + third & _MOST)
    return a, b, c


def _mixed(a: _Word, b: _Word, c: _Word) -> tuple[_Word, _Word, _Word]:
    a, c = (a - c ^ (c << 4 | c >> 28)) & _MOST, c + b & _MOST
    b, a = (b - a ^ (a << 6 | a >> 26)) & _MOST, a + c & _MOST
    c, b = (c - b ^ (b << 8 | b >> 24)) & _MOST, b + a & _MOST
    a, c = (a - c ^ (c << 16 | c >> 16)) & _MOST, c + b & _MOST
    b, a = (b - a ^ (a << 19 | a >> 13)) & _MOST, a + c & _MOST
    c, b = (c - b ^ (b << 4 | b >> 28)) & _MOST, b + a & _MOST
    return a, b, c


def _ended(a: _Word, b: _Word, c: _Word) -> _Word:
    c = (c ^ b) - (b << 14 | b >> 18) & _MOST
    a = (a ^ c) - (c << 11 | c >> 21) & _MOST
    b = (b ^ a) - (a << 25 | a >> 7) & _MOST
    c = (c ^ b) - (b << 16 | b >> 16) & _MOST
    a = (a ^ c) - (c << 4 | c >> 28) & _MOST
    b = (b ^ a) - (a << 14 | a >> 18) & _MOST
    return (c ^ b) - (b << 24 | b >> 8) & _MOST
