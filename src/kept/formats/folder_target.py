"""Replacing a whole folder (a SavedModel) so that failing costs nothing: `kept.formats.target`, for folders."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

from kept.errors import WriteError, shown
from kept.formats import temporary
from kept.formats.write_errors import writing

__all__ = ["FolderTarget"]


class FolderTarget:
    """The folder that is to be written or replaced; a context manager.

    Leaving the block without `commit` leaves everything as it was.

    Args:
        path: Where the folder shall be. Symbolic links are followed and stay.
        overwrite: Whether a folder that is there may be replaced.
        may_replace: Says of a folder that is not empty whether a save wrote it. No other folder is ever removed.

    Attributes:
        path: The path as given.
        folder: An empty folder that takes the new content.

    Raises:
        WriteError: On entering, for everything that can be known before writing; later, for what could not.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, overwrite: bool = True, may_replace: Callable[[str], bool]
    ) -> None:
        self.path = os.fsdecode(path)
        self.folder = ""
        self._overwrite = overwrite
        self._may_replace = may_replace
        self._place = ""
        self._pid = -1

    @property
    def file(self) -> str:
        """What takes the new content, as `Target` calls it."""
        return self.folder

    def __enter__(self) -> FolderTarget:
        if not self.path or "\0" in self.path:
            raise WriteError(
                "this is no path", expected="the path of a folder", found=shown(self.path), hint="give a folder name"
            )
        with writing(self.path):
            self._place = os.path.realpath(self.path)
            _finish_what_was_left(self._place)
            self._check()
            self._pid = os.getpid()
            folder = temporary.temporary_name(self._place)
            os.mkdir(folder, 0o700)
            self.folder = folder
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder and self._pid == os.getpid():  # a forked child leaves its parent's temporary alone
            temporary.remove(self.folder)
            self.folder = ""

    def commit(self) -> None:
        """Puts the new folder in the place of the target, durably and, where the system can, in one step."""
        with writing(self.path):
            self._check()  # minutes may have passed
            _sync_tree(self.folder)
            fd = os.open(self.folder, os.O_RDONLY)
            try:
                temporary.keep_permissions(fd, self._place, 0o777)
            finally:
                os.close(fd)
            if not os.path.lexists(self._place):
                temporary.rename_new(self.folder, self._place)
            elif not temporary.exchange(self.folder, self._place):
                _swap(self.folder, self._place)
        temporary.sync_folder(os.path.dirname(self._place))
        temporary.remove(self.folder)  # after an exchange this is the old content
        self.folder = ""

    def _check(self) -> None:
        """Raises for whatever stands against replacing the folder."""
        try:
            old = os.stat(self._place)
        except FileNotFoundError:
            os.stat(os.path.dirname(self._place))
            return
        if not stat.S_ISDIR(old.st_mode):
            raise WriteError(
                "a file is where the folder should be",
                path=self.path,
                expected="a folder, or nothing",
                found="a file",
                hint="remove the file, or choose another name",
            )
        if not self._overwrite:
            raise WriteError(
                "the folder exists and overwrite=False",
                path=self.path,
                expected="a path where nothing is yet",
                found="an existing folder",
                hint="pass overwrite=True to replace it, or choose another name",
            )
        if os.path.ismount(self._place):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        if not os.access(self._place, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        content = sorted(os.listdir(self._place))
        if content and not self._may_replace(self._place):
            raise WriteError(
                "the folder holds something else than a model",
                path=self.path,
                expected="a saved model, an empty folder, or nothing",
                found=", ".join(content[:3]) + (f" and {len(content) - 3} more" if len(content) > 3 else ""),
                hint=f"name a folder inside it, as in {shown(os.path.join(self.path, 'model'))}",
            )


def _finish_what_was_left(place: str) -> None:
    """Removes what killed processes left, and gives back the folder that one had put aside."""
    for aside in temporary.stale(place, "old"):
        if os.path.lexists(place):
            temporary.remove(aside)
        else:
            os.rename(aside, place)
    for left in temporary.stale(place):
        temporary.remove(left)


def _swap(new: str, place: str) -> None:
    """Replaces `place` in two steps, for systems that cannot exchange names; the second failing undoes the first."""
    aside = temporary.temporary_name(place, "old")
    os.rename(place, aside)
    try:
        os.rename(new, place)
    finally:
        temporary.sync_folder(os.path.dirname(place))
        if os.path.lexists(place):
            temporary.remove(aside)
        else:
            os.rename(aside, place)


def _sync_tree(folder: str) -> None:
    for inner, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(inner, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                fd = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)
        temporary.sync_folder(inner)
