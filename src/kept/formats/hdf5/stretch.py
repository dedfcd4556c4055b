"""The bytes of an HDF5 file for the plain reader: each piece of its structure is taken once, and none overlaps another.

What the plain reader is not certain of is `NotPlain`, which is no error: HDF5 itself is asked then.
"""

from __future__ import annotations

import struct

from ..source import Source
from .sums import sums

__all__ = ["OUTSIDE", "UNDEFINED", "NotPlain", "Stretch", "need"]

UNDEFINED = 0xFFFFFFFFFFFFFFFF
_PAGE_NBYTES = 1 << 12
# Python goes through structure byte by byte: a file that has more of it than any model is for HDF5.
_PIECE_NBYTES, _SUMMED_NBYTES, _STRUCTURE_NBYTES = 1 << 24, 1 << 20, 1 << 27


class NotPlain(Exception):
    """It is outside the plain subset of HDF5, or damaged: whatever it is, HDF5 itself decides."""


OUTSIDE = (NotPlain, struct.error, ValueError, IndexError, RecursionError)
"""What the plain reader raises where HDF5 itself is to be asked."""


def need(condition: bool) -> None:
    """Leaves the file to HDF5 itself unless the condition holds."""
    if not condition:
        raise NotPlain


class Stretch:
    """Where the HDF5 content lies in a file.

    Args:
        source: The file.
        start: Where the content begins.
        nbytes: How long it is.

    Attributes:
        source: The file.
        start: Where the content begins.
        end: Behind the last byte that HDF5 may use, from `start`.
    """

    def __init__(self, source: Source, start: int, nbytes: int) -> None:
        self.source, self.start, self.end = source, start, nbytes
        self._pages: dict[int, bytes] = {}
        self._taken: dict[int, int] = {}
        self._taken_nbytes = self._structure_nbytes = 0
        self._checked: list[bytes] = []
        self._said: list[int] = []

    def at(self, address: int, count: int) -> bytes:
        """These bytes."""
        if not 0 <= address <= self.end - count:
            raise NotPlain
        number, within = divmod(self.start + address, _PAGE_NBYTES)
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = self.source.read_at(number * _PAGE_NBYTES, _PAGE_NBYTES)
        found = page[within : within + count]
        if len(found) < count:
            found = self.source.read_at(self.start + address, count)
            need(len(found) == count)
        return found

    def take(self, address: int, count: int) -> bytes:
        """These bytes of structure, which no other piece may share."""
        self._structure_nbytes += count
        need(count <= _PIECE_NBYTES and self._structure_nbytes <= _STRUCTURE_NBYTES)
        self.reserve(address, count)
        return self.at(address, count)

    def reserve(self, address: int, count: int) -> None:
        """Says that these bytes belong to one piece alone; together pieces are never more than the whole."""
        self._taken_nbytes += count
        if address in self._taken or self._taken_nbytes > self.end or not 0 <= address <= self.end - count:
            raise NotPlain
        self._taken[address] = count

    def check(self, content: bytes, said: int) -> None:
        """Has the checksum of a piece compared when the pieces are settled."""
        need(0 < len(content) <= _SUMMED_NBYTES)
        self._checked.append(content)
        self._said.append(said)

    def settle(self) -> None:
        """Goes through what was taken and is to be checked."""
        if self._checked:
            need(sums(self._checked) == self._said)
            self._checked, self._said = [], []
        end = 0
        for address, count in sorted(self._taken.items()):
            if address < end:
                raise NotPlain
            end = address + count
