"""Why a write failed, in plain words: one text for each reason that a system gives."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from kept.errors import WriteError, shown

from .places import is_url

__all__ = ["write_error", "writing"]

_FULL = "free some space there, or save to another place"
_ASK = "save to a folder of your own, or change the permissions"
_READ_ONLY = "save to another folder, or mount this file system for writing"
_REASONS: dict[int, tuple[str, str, str, str]] = {  # errno: message, expected, found, hint
    errno.ENOSPC: ("no space left on the device", "room for the whole new file", "a full device", _FULL),
    errno.EDQUOT: ("the disk quota is used up", "room for the whole new file", "no more room in the quota", _FULL),
    errno.EFBIG: (
        "the file would exceed the limit on file size",
        "a limit that the whole file fits in",
        "a lower limit of this process (ulimit -f) or of the file system",
        "raise the limit, or save to another file system",
    ),
    errno.EROFS: ("the file system is read-only", "a file system mounted for writing", "a read-only one", _READ_ONLY),
    errno.EACCES: ("permission denied", "permission to write the file and its folder", "no such permission", _ASK),
    errno.EPERM: (
        "the operation is not permitted",
        "a file and a folder that may be changed",
        "one that is protected (another owner in a shared folder, or an immutable file)",
        _ASK,
    ),
    errno.ENOENT: (
        "the folder does not exist",
        "an existing folder",
        "no folder {folder}",
        "create it first: os.makedirs({folder}, exist_ok=True)",
    ),
    errno.ENOTDIR: ("a part of the path is not a folder", "folders", "a file among them", "choose another path"),
    errno.EISDIR: (
        "the path is a folder",
        "the path of a file",
        "a folder",
        "add a file name: {inside}",
    ),
    errno.EEXIST: (
        "the file exists and overwrite=False",
        "a path where nothing is yet",
        "an existing file",
        "pass overwrite=True to replace it, or choose another name",
    ),
    errno.ENAMETOOLONG: ("the name is too long", "at most 255 bytes", "{length} bytes", "choose a shorter name"),
    errno.ELOOP: (
        "the symbolic links go round in a circle",
        "links that end at a file",
        "links that lead back to themselves",
        "remove the link, or save to another path",
    ),
    errno.EBUSY: (
        "the file is in use by the system",
        "a file that can be replaced",
        "one that is mounted on its own",
        "mount its folder instead of the file, or save to another path",
    ),
    errno.EIO: (
        "the device reported an error",
        "a working device",
        "an input/output error",
        "look at the system log, and save to another device",
    ),
}
_ELSEWHERE = (
    "kept writes to this machine only",
    "a path of this machine",
    "a URL",
    "save to a file, then copy it there",
)


def write_error(error: OSError, path: str | os.PathLike[str]) -> WriteError:
    """Says in plain words why writing to `path` failed.

    Args:
        error: What the system, or HDF5 in its name, reported.
        path: The path as the user gave it.

    Returns:
        An error that keeps the number of the original in `errno`.
    """
    if isinstance(error, WriteError):
        return error
    number = error.errno
    if number is None and (told := re.search(r"errno = (\d+)", str(error))):  # HDF5 puts it into its text
        number = int(told[1])
    text = os.fsdecode(path)
    place = os.path.realpath(text) if "\0" not in text else text
    values = {
        "folder": shown(os.path.dirname(place)),
        "inside": shown(os.path.join(text, "model.keras")),
        "length": max(map(len, os.fsencode(place).split(os.fsencode(os.sep)))),
    }
    known = _REASONS.get(number) if number is not None else None
    known = _ELSEWHERE if number == errno.ENOENT and is_url(text) else known
    message, expected, found, hint = known or ("the file cannot be written", "", str(error), "save to another path")
    result = WriteError(
        message,
        path=text,
        expected=expected,
        found=found.format(**values) if known else found,
        hint=hint.format(**values),
    )
    result.errno = number
    return result


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turns every OSError of the block into a `WriteError` about `path`."""
    try:
        yield
    except OSError as error:
        told = write_error(error, path)
        if told is error:
            raise
        raise told from error
