"""Files of a folder that came from somewhere else: none is waited for, and no link is followed out of it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ..errors import CorruptFileError, LimitExceededError, UnsafeContentError
from ..limits import Limits
from .artifact import Asset
from .places import Place, RemotePath, sizes_below
from .source import Source

__all__ = ["asset_of", "assets_below", "check_file", "files_below", "is_named", "read_file"]

_DEPTH = 64
_ANY_NBYTES = 1 << 62
# How Hugging Face keeps what it has downloaded: `snapshots/REVISION/config.json` is a link to `blobs/CHECKSUM`.
_BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_named(file: Place) -> bool:
    """Whether a folder has the name, be it that of a link to nowhere."""
    return file.exists() or file.is_symlink()


def check_file(file: Place, folder: Place) -> None:
    """Passes if a name in a folder is a file, or a link to one in the same folder.

    Args:
        file: The name.
        folder: The folder that the caller named.

    Raises:
        CorruptFileError: Nothing is there, or it cannot be looked at.
        UnsafeContentError: It is a pipe, a device or a socket, or leads out of the folder.
    """
    if isinstance(file, RemotePath) or isinstance(folder, RemotePath):
        if not file.is_file():
            raise CorruptFileError("cannot be read: no such file", path=file)
        return
    try:
        linked = file.resolve(strict=True)
        kind = linked.stat().st_mode
        inside = linked.is_relative_to(folder.resolve()) or _is_blob(linked, folder)
    except (OSError, RuntimeError) as error:  # a link to itself is a RuntimeError
        reason = getattr(error, "strerror", None) or "its link leads nowhere"
        raise CorruptFileError(f"cannot be read: {reason}", path=file) from error
    where = file.relative_to(folder).as_posix()
    if not inside:
        raise UnsafeContentError("is a link that leads out of the folder", path=folder, where=where, found=str(linked))
    if not stat.S_ISREG(kind):
        raise UnsafeContentError("is no file and no folder", path=folder, where=where)


def _is_blob(linked: Path, folder: Path) -> bool:
    stores = (above.parent / "blobs" for above in folder.resolve().parents if above.name == "snapshots")
    return bool(_BLOB.fullmatch(linked.name)) and linked.parent in stores


def read_file(file: Place, folder: Place, most: int) -> bytes:
    """The bytes of a file in a folder, at most `most` and one more of them.

    Raises:
        CorruptFileError: It cannot be read.
        UnsafeContentError: It is not simply a file of this folder.
    """
    check_file(file, folder)
    with Source(file) as source:
        return source.read_at(0, min(source.nbytes, most + 1))


def asset_of(name: str, file: Place, root: Place) -> Asset:
    """A file of a folder, which `check_file` has passed, as an asset."""
    content = partial(_content, file, root)
    return Asset(name, file.stat().st_size, content, content)


def _content(file: Place, root: Place, most: int = _ANY_NBYTES) -> bytes:
    return read_file(file, root, most)[:most]


def assets_below(folder: Place, root: Place, limits: Limits) -> dict[str, Asset]:
    """Every file below a folder as an asset, by its path from there; raises as `files_below` does."""
    return {name: asset_of(name, file, root) for name, file in sorted(files_below(folder, root, limits))}


def files_below(folder: Place, root: Place, limits: Limits) -> Iterator[tuple[str, Place]]:
    """Every file below a folder, each checked as `check_file` does.

    Args:
        folder: The folder; nothing is yielded where there is none.
        root: The folder that the caller named, which is this one or above it.
        limits: The cap on their number.

    Raises:
        LimitExceededError: There are too many, or they lie too deep.
        UnsafeContentError: A name in it is a link to a folder, or no file.
        CorruptFileError: The folder cannot be read.

    Yields:
        The path from the folder, with forward slashes; and the file.
    """
    if isinstance(folder, RemotePath) or isinstance(root, RemotePath):
        names = [name for name, _ in sizes_below(folder)] if folder.is_dir() else []
        _refuse_more(len(names), folder, root, limits)
        yield from ((name, folder / name) for name in names)
        return
    waiting = [(folder, 0)] if folder.is_dir() or folder.is_symlink() else []
    count = 0
    while waiting:
        here, depth = waiting.pop()
        if depth > _DEPTH:
            raise LimitExceededError("folders are nested too deep", path=root, expected=f"at most {_DEPTH} levels")
        if here.is_symlink():
            where = here.relative_to(root).as_posix()
            raise UnsafeContentError("is a link to a folder, which kept does not follow", path=root, where=where)
        for entry in _entries(here):
            count += 1
            _refuse_more(count, folder, root, limits)
            if entry.is_dir():
                waiting.append((here / entry.name, depth + 1))
                continue
            check_file(here / entry.name, root)
            yield (here / entry.name).relative_to(folder).as_posix(), here / entry.name


def _refuse_more(count: int, folder: Place, root: Place, limits: Limits) -> None:
    if count > limits.member_count:
        expected = f"at most {limits.member_count}"
        raise LimitExceededError("too many files", path=root, where=folder.name, expected=expected)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        raise CorruptFileError(f"cannot be read: {error.strerror}", path=folder) from error
