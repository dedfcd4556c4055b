"""CRC-32C, the checksum of TensorFlow's files: by one byte at a time, and for much data by thousands of lanes at once.

The packages that have it in C are not worth a dependency: it is asked for on request, or of a few kilobytes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

__all__ = ["crc32c", "unmasked"]

_POLYNOMIAL = 0x82F63B78
_FULL = 0xFFFFFFFF
# Data of this size are cut into lanes of 256 bytes, which all take their next two bytes at once.
_LANES_NBYTES, _LANE_BITS = 1 << 20, 8

Numbers = np.ndarray[Any, Any]


def crc32c(data: bytes | bytearray | memoryview, start: int = 0) -> int:
    """CRC-32C of `data`, continued from `start`."""
    view = memoryview(data).cast("B")
    while len(view) >= 1 << 12:
        lanes = min(len(view), _LANES_NBYTES) >> _LANE_BITS
        lanes = 1 << (lanes.bit_length() - 1)
        nbytes = lanes << _LANE_BITS
        start = int(_through(np.uint32(start), _power(nbytes.bit_length() - 1))) ^ _of_lanes(view[:nbytes], lanes)
        view = view[nbytes:]
    crc, table = start ^ _FULL, _table_of_bytes()
    for byte in view:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ _FULL


def unmasked(masked: int) -> int:
    """The checksum that TensorFlow's files keep turned by 15 bits, and with a constant added."""
    turned = (masked - 0xA282EAD8) & _FULL
    return (turned >> 17 | turned << 15) & _FULL


def _of_lanes(view: memoryview, lanes: int) -> int:
    words = np.ascontiguousarray(np.frombuffer(view, "<u2").reshape(lanes, -1).T)
    table, crcs = _table_of_words(), np.full(lanes, _FULL, np.uint32)
    for word in words:
        crcs = table[(crcs ^ word) & 0xFFFF] ^ (crcs >> 16)
    crcs ^= np.uint32(_FULL)
    power = _LANE_BITS
    while len(crcs) > 1:
        crcs = _through(crcs[::2], _power(power)) ^ crcs[1::2]
        power += 1
    return int(crcs[0])


@cache
def _table_of_bytes() -> list[int]:
    crcs: Numbers = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crcs = (crcs >> 1) ^ (crcs & 1) * np.uint32(_POLYNOMIAL)
    return [int(one) for one in crcs]


@cache
def _table_of_words() -> Numbers:
    table, words = np.array(_table_of_bytes(), np.uint32), np.arange(1 << 16, dtype=np.uint32)
    once = table[words & 0xFF] ^ (words >> 8)
    found: Numbers = table[once & 0xFF] ^ (once >> 8)
    return found


@cache
def _power(power: int) -> Numbers:
    """What 2**power bytes of zeros do to a CRC: it is linear, so a table for each of its four bytes tells all."""
    if power:
        half = _power(power - 1)
        return np.asarray(_through(half, half))
    values = np.arange(256, dtype=np.uint32)
    placed = np.stack([values << np.uint32(8 * place) for place in range(4)])
    found: Numbers = np.array(_table_of_bytes(), np.uint32)[placed & 0xFF] ^ (placed >> 8)
    return found


def _through(crcs: Any, tables: Numbers) -> Any:
    parts = [tables[place][(crcs >> np.uint32(8 * place)) & 0xFF] for place in range(4)]
    return parts[0] ^ parts[1] ^ parts[2] ^ parts[3]
