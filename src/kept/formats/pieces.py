"""The bytes of a tensor a piece at a time, so that memory stays small, and their checksum."""

from __future__ import annotations

from collections.abc import Iterator

from .artifact import Tensor
from .checksums import crc32
from .dtypes import byte_view

__all__ = ["checksum_of", "pieces"]

_PIECE_NBYTES = 1 << 20


def pieces(tensor: Tensor, start: int = 0, end: int | None = None) -> Iterator[memoryview]:
    """The bytes of a tensor, a megabyte at a time where they lie in the file as they lie in memory.

    Args:
        tensor: Of an open artifact.
        start: The first byte that is wanted.
        end: Behind the last one; None for all that follow.

    Yields:
        Memory that the next piece takes over.

    Raises:
        CorruptFileError: The bytes are not there.
    """
    end = tensor.nbytes if end is None else min(end, tensor.nbytes)
    if tensor.source is None or tensor.offset is None:
        yield byte_view(tensor.read())[start:end]
        return
    buffer = memoryview(bytearray(max(0, min(_PIECE_NBYTES, end - start))))
    for at in range(start, end, _PIECE_NBYTES):
        piece = buffer[: min(_PIECE_NBYTES, end - at)]
        tensor.source.read_into(tensor.offset + at, piece)
        yield piece


def checksum_of(tensor: Tensor) -> str:
    """As `Tensor.checksum`, in little memory.

    Raises:
        CorruptFileError: The bytes are not there.
    """
    crc = 0
    for piece in pieces(tensor):
        crc = crc32(piece, crc)
    return f"crc32:{crc:08x}"
