"""A file open for reading: its bytes by position, as a file of its own for h5py, and in memory for arrays."""

from __future__ import annotations

import io
import mmap
import os
import stat
from collections.abc import Iterable
from types import TracebackType
from typing import Any, ClassVar, Self

from ..errors import CorruptFileError, KeptError, UnknownFormatError
from .places import Place, RemotePath
from .threads import THREAD_COUNT

__all__ = ["Part", "Source"]


class Source:
    """A file on disk, or an unnamed temporary that a compressed member was unpacked into; or a file behind a URL.

    Args:
        path: The file that errors name. Of a `RemotePath`, the source is a `RemoteSource`.
        fd: An open descriptor that becomes this object's; None to open `path`.

    Attributes:
        step_nbytes: How many bytes at a time are best read where all of them are wanted in turn.
        reader_count: How many threads at a time are best to read with.

    Raises:
        UnknownFormatError: The file cannot be read at all.
    """

    step_nbytes: ClassVar[int] = 1 << 20  # stays in the cache of the processor
    reader_count: ClassVar[int] = THREAD_COUNT

    def __new__(cls, path: Place, fd: int | None = None) -> Self:
        """The kind of source that the place asks for."""
        if isinstance(path, RemotePath) and fd is None:
            from .remote_source import RemoteSource

            return object.__new__(RemoteSource)  # type: ignore[return-value]
        return object.__new__(cls)

    def __init__(self, path: Place, fd: int | None = None) -> None:
        self.path = path
        try:
            # Not to wait for somebody to write into a pipe.
            self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK) if fd is None else fd
        except OSError as error:
            raise UnknownFormatError(f"cannot be read: {error.strerror}", path=path) from error
        state = os.fstat(self.fd)
        if not stat.S_ISREG(state.st_mode):
            self.close()
            raise UnknownFormatError("is neither a file nor a folder", path=path)
        self.nbytes = state.st_size
        self._maps: dict[int, mmap.mmap] = {}

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes; fewer only at the end of the file."""
        self._refuse_closed()
        parts = []
        while count > 0:
            try:
                part = os.pread(self.fd, min(count, 1 << 30), offset)
            except OSError as error:
                raise CorruptFileError(f"cannot be read at byte {offset}: {error.strerror}", path=self.path) from error
            if not part:
                break
            parts.append(part)
            offset, count = offset + len(part), count - len(part)
        return b"".join(parts)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fills `buffer` with the bytes there.

        Raises:
            CorruptFileError: The file ends before it is full, or cannot be read.
        """
        self._refuse_closed()
        while buffer:
            try:
                count = os.preadv(self.fd, [buffer], offset)
            except OSError as error:
                raise CorruptFileError(f"cannot be read at byte {offset}: {error.strerror}", path=self.path) from error
            if not count:
                raise CorruptFileError("the file was cut while it was read", path=self.path, found=f"{offset} bytes")
            buffer, offset = buffer[count:], offset + count

    def expect(self, spans: Iterable[tuple[int, int]]) -> None:
        """Says which bytes, from where each span begins to before it ends, will be read soon; no disk needs to know."""

    def view(self, offset: int, count: int) -> memoryview:
        """These bytes, mapped; they stay when the file is closed.

        Raises:
            CorruptFileError: The file ends before.
        """
        return memoryview(self.mapped())[offset : offset + count]

    def mapped(self, *, private: bool = False) -> mmap.mmap:
        """The whole file, mapped read-only; it lives as long as an array that was made from it.

        Args:
            private: Whether the memory may be written to, which the file never sees.
        """
        access = mmap.ACCESS_COPY if private else mmap.ACCESS_READ
        if access not in self._maps:
            self._refuse_closed()
            self._maps[access] = mmap.mmap(self.fd, 0, access=access)
        return self._maps[access]

    def _refuse_closed(self) -> None:
        if self.fd < 0:
            raise KeptError("the file was closed before this tensor was read", path=self.path)

    def close(self) -> None:
        """Closes the descriptor; what was mapped stays."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Part(io.RawIOBase):
    """A stretch of a source as a read-only file, which h5py opens like any other."""

    def __init__(self, source: Source, start: int, nbytes: int) -> None:
        super().__init__()
        self._source, self._start, self.nbytes = source, start, nbytes
        self._position = 0

    def readable(self) -> bool:
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
        """Reads into `buffer`, never beyond the stretch; the rest of the buffer is set to zero, as HDF5 wants it."""
        target = memoryview(buffer).cast("B")
        count = max(0, min(len(target), self.nbytes - self._position))
        data = self._source.read_at(self._start + self._position, count)
        target[: len(data)] = data
        if len(data) < len(target):
            target[len(data) :] = bytes(len(target) - len(data))
        self._position += len(target)
        return len(target)
