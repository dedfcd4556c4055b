"""The sorted table of LevelDB, in which TensorFlow keeps the index of a checkpoint: keys and values, in blocks.

The file is data blocks, a block of further blocks, an index of the data blocks, and a footer that says where the last
two are. In a block each key leaves out what it shares with the one before it. After a block come one byte that says how
it is compressed and a CRC-32C.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import CorruptFileError, LimitExceededError, UnsupportedVersionError, shown
from ...limits import Limits
from ..source import Source
from . import MAGIC
from .crc32c import crc32c, unmasked
from .protobuf import Reader

__all__ = ["Table"]

_FOOTER_NBYTES, _TRAILER_NBYTES = 48, 5
_PLAIN = 0
_Place = tuple[int, int]


class Table:
    """A table, its blocks checked; every byte before the footer belongs to one of them.

    Args:
        source: The file.
        limits: The caps.

    Raises:
        CorruptFileError: It is no such table, cut or damaged.
        LimitExceededError: It is larger than the limits allow.
        UnsupportedVersionError: Its blocks are compressed; TensorFlow writes none of these.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source, self._limits = source, limits
        self._numbers = Reader(source.path, limits)
        if source.nbytes > limits.directory_bytes:
            raise self._too_large(f"{limits.directory_bytes} bytes", f"{source.nbytes}")
        self._data = memoryview(source.read_at(0, source.nbytes))
        if len(self._data) < _FOOTER_NBYTES or self._data[-len(MAGIC) :] != MAGIC:
            raise self._corrupt("does not end as a table ends: it is cut, or of another kind")
        footer = self._data[-_FOOTER_NBYTES : -len(MAGIC)]
        meta, at = self._place(footer, 0)
        index, _ = self._place(footer, at)
        self._blocks = [place for _, place in self._index(index)]
        self._refuse_gaps([*self._blocks, meta, index])
        if any(self._entries(meta)):
            raise self._corrupt("holds blocks of no known use")

    def __iter__(self) -> Iterator[tuple[bytes, memoryview]]:
        """Keys and values in the order of the keys, each key once."""
        last, count, nbytes = None, 0, 0
        for block in self._blocks:
            for key, value in self._entries(block):
                if last is not None and key <= last:
                    raise self._corrupt("keys are not in order", found=shown(key))
                last, count, nbytes = key, count + 1, nbytes + len(key)
                if count > self._limits.tensor_count:
                    raise self._too_large(f"{self._limits.tensor_count} entries", "more")
                if nbytes > self._limits.directory_bytes:
                    raise self._too_large(f"{self._limits.directory_bytes} bytes of keys", "more")
                yield key, value

    def _index(self, index: _Place) -> Iterator[tuple[bytes, _Place]]:
        for key, value in self._entries(index):
            place, end = self._place(value, 0)
            if end != len(value):
                raise self._corrupt("the index is damaged")
            yield key, place

    def _refuse_gaps(self, blocks: list[_Place]) -> None:
        end = 0
        for start, nbytes in blocks:
            if start != end:
                raise self._corrupt("blocks overlap, or leave a gap", expected=f"byte {end}", found=f"byte {start}")
            end = start + nbytes + _TRAILER_NBYTES
        if end != len(self._data) - _FOOTER_NBYTES:
            raise self._corrupt("bytes that no block has", expected=f"{end + _FOOTER_NBYTES} bytes in all")

    def _place(self, view: memoryview, at: int) -> tuple[_Place, int]:
        start, at = self._numbers.varint(view, at)
        nbytes, at = self._numbers.varint(view, at)
        return (start, nbytes), at

    def _entries(self, place: _Place) -> Iterator[tuple[bytes, memoryview]]:
        block = self._block(place)
        restarts = int.from_bytes(block[-4:], "little")
        end = len(block) - 4 * (restarts + 1)
        if len(block) < 4 or end < 0:
            raise self._corrupt("a block is damaged", found=f"{restarts} restarts in {len(block)} bytes")
        key, at = b"", 0
        while at < end:
            shared, at = self._numbers.varint(block, at)
            own, at = self._numbers.varint(block, at)
            nbytes, at = self._numbers.varint(block, at)
            if shared > len(key) or at + own + nbytes > end:
                raise self._corrupt("a block is damaged", found=f"an entry that reaches beyond byte {end}")
            if shared + own > self._limits.name_bytes:
                raise self._too_large(f"{self._limits.name_bytes} bytes of one key", f"{shared + own}")
            key = key[:shared] + bytes(block[at : at + own])
            at += own
            yield key, block[at : at + nbytes]
            at += nbytes

    def _block(self, place: _Place) -> memoryview:
        start, nbytes = place
        end = start + nbytes
        if end + _TRAILER_NBYTES > len(self._data) - _FOOTER_NBYTES:
            raise self._corrupt("a block reaches beyond the end", found=f"bytes {start} to {end}")
        said = int.from_bytes(self._data[end + 1 : end + _TRAILER_NBYTES], "little")
        if crc32c(self._data[start : end + 1]) != unmasked(said):
            raise self._corrupt("a block is damaged: its checksum is wrong", found=f"bytes {start} to {end}")
        if self._data[end] != _PLAIN:
            raise UnsupportedVersionError(
                "a table with compressed blocks", path=self._source.path, found=f"compression {self._data[end]}"
            )
        return self._data[start:end]

    def _corrupt(self, message: str, expected: str = "", found: str = "") -> CorruptFileError:
        return CorruptFileError(message, path=self._source.path, expected=expected, found=found)

    def _too_large(self, expected: str, found: str) -> LimitExceededError:
        return LimitExceededError(
            "the table is too large", path=self._source.path, expected=f"at most {expected}", found=found
        )
