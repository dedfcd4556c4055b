"""CRC-32, as zip has it: over bytes, and of two pieces put together without reading them again."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from typing import cast

__all__ = ["combine", "crc32"]

_POLYNOMIAL = 0xEDB88320


def _fastest() -> Callable[..., int]:
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.crc32
    return cast(Callable[..., int], isal_zlib.crc32)


_crc32 = _fastest()


def crc32(data: bytes | bytearray | memoryview, start: int = 0) -> int:
    """CRC-32 of `data`, continued from `start`."""
    return _crc32(data, start)


def _times(a: int, b: int) -> int:
    """Product of two polynomials modulo the CRC's, bits in reflected order."""
    product = 0
    while a:
        if a & 0x80000000:
            product ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ (_POLYNOMIAL if b & 1 else 0)
    return product


@cache
def _square(power: int) -> int:
    """The polynomial x to the 2**power."""
    return 0x40000000 if power == 0 else _times(_square(power - 1), _square(power - 1))


@cache
def _shift(nbytes: int) -> int:
    """What appending `nbytes` bytes multiplies a CRC by: x to the number of their bits."""
    product, power = 0x80000000, 3
    while nbytes:
        if nbytes & 1:
            product = _times(_square(power), product)
        nbytes >>= 1
        power += 1
    return product


def combine(first: int, second: int, second_nbytes: int) -> int:
    """CRC-32 of two pieces in a row, from the CRC of each (the method of zlib's `crc32_combine`)."""
    return _times(_shift(second_nbytes), first) ^ second
