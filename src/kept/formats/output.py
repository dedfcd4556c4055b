"""Writing bytes at chosen places of a file; whatever the system refuses is a `WriteError`."""

from __future__ import annotations

import errno
import os
from types import TracebackType
from typing import Self

from .write_errors import writing

__all__ = ["Output"]

# Where the file system cannot reserve, the file is written all the same; only a full disk is then noticed later.
_CANNOT_RESERVE = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENODEV)


class Output:
    """A file open for reading and writing.

    Args:
        file: Its path; may be `/proc/self/fd/N` of a file that has no name.
        truncate: Whether what it holds is thrown away first.

    Raises:
        WriteError: From every method, when the system refuses.
    """

    def __init__(self, file: str, *, truncate: bool) -> None:
        self.file = file
        with writing(file):
            self.fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if truncate else 0), 0o666)

    @property
    def nbytes(self) -> int:
        """Size of the file now."""
        return os.fstat(self.fd).st_size

    def reserve(self, nbytes: int) -> None:
        """Makes the file that large with its space on disk reserved, so that a full disk is known before any work."""
        with writing(self.file):
            try:
                if nbytes and hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(self.fd, 0, nbytes)
            except OSError as error:
                if error.errno not in _CANNOT_RESERVE:
                    raise
        self.resize(nbytes)

    def resize(self, nbytes: int) -> None:
        """Cuts or extends the file."""
        with writing(self.file):
            os.ftruncate(self.fd, nbytes)

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Writes all of `data` at `offset`."""
        left = memoryview(data)
        with writing(self.file):
            while left:
                count = os.pwrite(self.fd, left, offset)
                left, offset = left[count:], offset + count

    def sync(self) -> None:
        """Brings to the disk what was written so far."""
        with writing(self.file):
            os.fdatasync(self.fd)

    def close(self) -> None:
        """Closes the file; some file systems report a full disk only here."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            with writing(self.file):
                os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
