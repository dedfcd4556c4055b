"""Where a model is: a path of this machine, or a URL, which formats use in the same way."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath

from ..errors import UnsafeContentError, shown
from ..limits import DEFAULT_LIMITS, Limits
from .remote import Remote

__all__ = ["Place", "RemotePath", "is_url", "locate", "nbytes_of", "sizes_below"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::[A-Za-z0-9+.-]+)*://")
# A name with one of these could mean another place in a URL: a query, a fragment, an escape, a link of a chain.
_MEANING_MORE = re.compile(r"[?#%\\\x00-\x1f]|::")


class RemotePath(os.PathLike[str]):
    """A file or folder behind a URL, with what formats use of `pathlib.Path`.

    Paths that were made from each other speak to one filesystem, and share what it said.

    Args:
        remote: The filesystem.
        key: What the filesystem calls the place.
    """

    __slots__ = ("_key", "remote")

    def __init__(self, remote: Remote, key: str) -> None:
        self.remote, self._key = remote, key

    @property
    def key(self) -> str:
        """What the filesystem calls the place."""
        return self._key

    @property
    def name(self) -> str:
        """The last part."""
        return self._key.rpartition("/")[2]

    @property
    def parent(self) -> RemotePath:
        """The folder that it is in."""
        return RemotePath(self.remote, self._key.rpartition("/")[0])

    def with_name(self, name: str) -> RemotePath:
        """Another name in the same folder."""
        return self.parent / name

    def __truediv__(self, names: str | PurePath) -> RemotePath:
        """What is below this folder.

        Raises:
            UnsafeContentError: A name leads elsewhere. Names may come from a file that nobody knows.
        """
        text = names.as_posix() if isinstance(names, PurePath) else names
        if _MEANING_MORE.search(text) or any(part in ("", ".", "..") for part in text.split("/")):
            raise UnsafeContentError("this name may lead to another place", path=self, found=shown(text))
        return RemotePath(self.remote, f"{self._key.rstrip('/')}/{text}")

    def exists(self) -> bool:
        """Whether there is anything."""
        return bool(self.remote.kind(self._key))

    def is_file(self) -> bool:
        """Whether it is a file."""
        return self.remote.kind(self._key) == "file"

    def is_dir(self) -> bool:
        """Whether it is a folder; where there are none, whether anything has a name below it."""
        return self.remote.kind(self._key) == "directory"

    def iterdir(self) -> Iterator[RemotePath]:
        """What is in the folder."""
        return (RemotePath(self.remote, f"{self._key.rstrip('/')}/{name}") for name in self.remote.names(self._key))

    def stat(self) -> os.stat_result:
        """Its kind and size; nothing else of it is known.

        Raises:
            FileNotFoundError: There is nothing.
        """
        kind = self.remote.kind(self._key)
        if not kind:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
        mode, nbytes = (stat.S_IFREG, self.remote.nbytes(self._key)) if kind == "file" else (stat.S_IFDIR, 0)
        return os.stat_result((mode, 0, 0, 1, 0, 0, nbytes, 0, 0, 0))

    def is_symlink(self) -> bool:
        """False: what links there are, the filesystem follows by itself."""
        return False

    def read_bytes(self) -> bytes:
        """The whole content."""
        content = bytearray(self.remote.nbytes(self._key))
        self.remote.fill(self._key, [(0, memoryview(content))])
        return bytes(content)

    def __fspath__(self) -> str:
        return self.remote.url(self._key)

    def __str__(self) -> str:
        return self.remote.url(self._key)

    def __repr__(self) -> str:
        return f"RemotePath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemotePath) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


Place = Path | RemotePath


def is_url(path: object) -> bool:
    """Whether a path is the URL of a file elsewhere, `s3://bucket/model.keras`, rather than a path of this machine."""
    return isinstance(path, RemotePath) or (isinstance(path, str) and _URL.match(path) is not None)


def locate(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Place:
    """A path or URL, as formats take it.

    Raises:
        MissingDependencyError: It is a URL, and what opens such URLs is not installed.
        UnknownFormatError: There is no such kind of URL.
    """
    if isinstance(path, RemotePath):
        return path
    if isinstance(path, str) and is_url(path):
        remote = Remote(path, limits.request_seconds)
        return RemotePath(remote, remote.key)
    return Path(path)


def sizes_below(folder: Place) -> Iterator[tuple[str, int]]:
    """Every file below a folder: its path from there, with forward slashes, and its size; in no order.

    No link to a folder is followed. A link to a file is told as that file: hubs keep folders of such links.
    """
    if isinstance(folder, RemotePath):
        yield from folder.remote.files(folder.key).items()
        return
    for above, _, names in os.walk(folder):
        for name in names:
            file = Path(above, name)
            yield file.relative_to(folder).as_posix(), file.stat(follow_symlinks=file.exists()).st_size


def nbytes_of(place: Place) -> int:
    """Size of a file, or of all files below a folder."""
    return sum(nbytes for _, nbytes in sizes_below(place)) if place.is_dir() else place.stat().st_size
