"""Replacing a file so that failing costs nothing.

What is written goes to a temporary; only `commit` puts it in the place of the old file, in one step. Where the file
system can, the temporary has no name (O_TMPFILE), so that not even kill -9 leaves anything behind.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress

from kept.errors import WriteError, shown
from kept.formats import temporary
from kept.formats.write_errors import write_error, writing

__all__ = ["Target", "write_error", "writing"]

_NO_UNNAMED_FILES = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS)


def open_unnamed(folder: str) -> int | None:
    """A file in `folder` that has no name, or None where the system knows no such thing."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o600)
    except OSError as error:
        if error.errno in _NO_UNNAMED_FILES:
            return None
        raise


class Target:
    """The file that is to be written or replaced; a context manager.

    Leaving the block without `commit` or `rescue` leaves everything as it was.

    Args:
        filepath: Where the file shall be. Symbolic links are followed and stay.
        overwrite: Whether a file that is there may be replaced.
        named: Whether the temporary must have a name. HDF5's own drivers ask for the real path of what they open, and
            a file without a name has none.

    Attributes:
        path: The path as given.
        file: What this process opens to write and read the new content; never rename or remove it.
        fd: The open descriptor of the same content, to be passed to another process.

    Raises:
        WriteError: On entering, for everything that can be known before writing; later, for what could not.
    """

    def __init__(self, filepath: str | os.PathLike[str], *, overwrite: bool = True, named: bool = False) -> None:
        self.path = os.fsdecode(filepath)
        self.file = ""
        self.fd = -1
        self._overwrite = overwrite
        self._named = named
        self._place = ""
        self._name = ""  # of the temporary, while it has one
        self._pid = -1

    def __enter__(self) -> Target:
        with writing(self.path):
            self._place = _checked_place(self.path, self._overwrite)
            self._pid = os.getpid()
            for left in temporary.stale(self._place):
                temporary.remove(left)
            unnamed = None if self._named else open_unnamed(os.path.dirname(self._place))
            if unnamed is None:
                self._name = self.file = temporary.temporary_name(self._place)
                self.fd = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            else:
                self.fd, self.file = unnamed, f"/proc/self/fd/{unnamed}"
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, WriteError) and error.path == self.file:
            error.path = self.path  # the user knows nothing of the temporary
        self._close()
        if self._name and self._pid == os.getpid():  # a forked child leaves its parent's temporary alone
            temporary.remove(self._name)
            self._name = ""

    def commit(self) -> None:
        """Puts what was written in the place of the target, durably and in one step."""
        with writing(self.path):
            self._settle()
            if self._overwrite:
                self._take_name()
                self._close()
                os.replace(self._name, self._place)
                self._name = ""
            else:
                self._move(self._place)
        temporary.sync_folder(os.path.dirname(self._place))

    def rescue(self, extension: str) -> str:
        """Keeps what was written, but not as the target.

        Args:
            extension: How the rescue file's name shall end, as in ".keras".

        Returns:
            The path of a new file beside the target, as in "model.keras.rescue-7f3a.keras".
        """
        folder, name = os.path.split(self._place)
        with suppress(OSError):  # on a full or failing disk, save what can be saved
            self._settle()
        with writing(self.path):
            while True:
                path = os.path.join(folder, f"{temporary.shortened(name)}.rescue-{secrets.token_hex(2)}{extension}")
                with suppress(FileExistsError):
                    self._move(path)
                    break
        temporary.sync_folder(folder)
        return path

    def _settle(self) -> None:
        if self.fd >= 0:
            os.fsync(self.fd)
            temporary.keep_permissions(self.fd, self._place, 0o666)
        elif not self._name:  # after a commit that failed there is a name, and all is on the disk already
            raise ValueError("the target is closed: commit and rescue belong into its with block, and only one of them")

    def _take_name(self) -> None:
        if not self._name:
            name = temporary.temporary_name(self._place)
            self._link(name)
            self._name = name

    def _move(self, path: str) -> None:
        if self._name:
            self._close()
            temporary.rename_new(self._name, path)
            self._name = ""
        else:
            self._link(path)
            self._close()

    def _link(self, path: str) -> None:
        # With a directory descriptor Python calls linkat(AT_SYMLINK_FOLLOW), which alone can name an unnamed file.
        os.link(self.file, path, src_dir_fd=self.fd, follow_symlinks=True)

    def _close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def _checked_place(path: str, overwrite: bool) -> str:
    """The absolute path of the file to replace, links followed, after every check that can be made beforehand."""
    if not path or "\0" in path:
        raise WriteError("this is no path", expected="the path of a file", found=shown(path), hint="give a file name")
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.endswith((os.sep, os.altsep or os.sep)):
        raise WriteError(
            "the path ends with a slash",
            path=path,
            expected="the path of a file",
            found="the path of a folder",
            hint=f"leave the slash out: {shown(path.rstrip(os.sep))}",
        )
    place = os.path.realpath(path)
    folder = os.path.dirname(place)
    try:
        old = os.stat(path)
    except FileNotFoundError:
        os.stat(folder)
        return place
    if not stat.S_ISREG(old.st_mode):
        raise WriteError(
            "the path is a special file",
            path=path,
            expected="an ordinary file, or nothing",
            found="a device, pipe or socket",
            hint="save to another path",
        )
    if not overwrite:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.close(os.open(place, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)))  # what stands against it has its own errno
    parent = os.stat(folder)
    if parent.st_mode & stat.S_ISVTX and os.geteuid() not in (0, old.st_uid, parent.st_uid):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
    return place
