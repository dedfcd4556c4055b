"""A file of which only the written parts exist, in memory: HDF5 lays a weights file out in it before a byte is on disk.

HDF5 writes a few kilobytes of structure per thousand tensors; the tensors' own bytes are never put here. So the size
of the file is known, and its space reserved, before the work begins, and HDF5 itself never meets a full disk.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

__all__ = ["Pages"]

_PAGE = 4096
_RUN_COUNT = 256


class Pages(io.RawIOBase):
    """What h5py takes for a file.

    Args:
        fd: A file to lie over, whose own bytes show through where nothing was written; None for an empty one.
    """

    def __init__(self, fd: int | None = None) -> None:
        super().__init__()
        self._fd = fd
        self._pages: dict[int, bytearray] = {}
        self._position = 0
        self.nbytes = 0 if fd is None else os.fstat(fd).st_size

    def _below(self, offset: int, count: int) -> bytes:
        return b"" if self._fd is None else os.pread(self._fd, count, offset)

    def read_at(self, offset: int, count: int) -> bytes:
        """The bytes there; zeros where nothing was written."""
        result = bytearray()
        while len(result) < count:
            page, start = divmod(offset + len(result), _PAGE)
            step = min(_PAGE - start, count - len(result))
            held = self._pages.get(page)
            part = held[start : start + step] if held else self._below(page * _PAGE + start, step)
            result += bytes(part).ljust(step, b"\0")
        return bytes(result)

    def runs(self) -> Iterator[tuple[int, bytes]]:
        """Every written stretch as (offset, bytes), whole pages, none beyond the end, at most a megabyte each."""
        run: list[int] = []
        for page in sorted(self._pages):
            if run and (page != run[-1] + 1 or len(run) == _RUN_COUNT):
                yield self._run(run)
                run = []
            run.append(page)
        if run:
            yield self._run(run)

    def _run(self, pages: list[int]) -> tuple[int, bytes]:
        offset = pages[0] * _PAGE
        return offset, b"".join(self._pages[page] for page in pages)[: self.nbytes - offset]

    def readable(self) -> bool:
        """True."""
        return True

    def writable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.nbytes}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fills the whole buffer, with zeros beyond the end."""
        target = memoryview(buffer).cast("B")
        target[:] = self.read_at(self._position, len(target))
        self._position += len(target)
        return len(target)

    def write(self, data: Any) -> int:
        """Keeps a copy of `data`."""
        source = memoryview(data).cast("B")
        done = 0
        while done < len(source):
            page, start = divmod(self._position + done, _PAGE)
            step = min(_PAGE - start, len(source) - done)
            if page not in self._pages:
                self._pages[page] = bytearray(self._below(page * _PAGE, _PAGE).ljust(_PAGE, b"\0"))
            self._pages[page][start : start + step] = source[done : done + step]
            done += step
        self._position += done
        if done:
            self.nbytes = max(self.nbytes, self._position)
        return done

    def truncate(self, size: int | None = None) -> int:
        """Sets the size; HDF5 asks for it when it closes."""
        self.nbytes = self._position if size is None else size
        return self.nbytes
