"""A copy on this machine of what is behind a URL, for libraries that open nothing but paths."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import KeptError, LimitExceededError, UnsafeContentError, shown
from ..limits import DEFAULT_LIMITS
from .places import Place, RemotePath, sizes_below
from .source import Source
from .write_errors import writing
from .zip_layout import is_plain

__all__ = ["local_copy"]


@contextmanager
def local_copy(place: Place) -> Iterator[Path]:
    """A file or folder as a path of this machine: itself, or a copy that is gone when the block ends.

    Errors in the block that name the copy, name the URL instead.

    Raises:
        UnknownFormatError: There is nothing at the URL.
        UnsafeContentError: A name in the folder leads out of it.
        LimitExceededError: More files than a model has.
        WriteError: There is no room for it.
    """
    if isinstance(place, Path):
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="kept-") as folder:
        copy = Path(folder, place.name if is_plain(place.name) else "model")
        try:
            _copy(place, copy)
            yield copy
        except KeptError as error:
            if error.path is not None and error.path.startswith(str(copy)):
                error.path = str(place) + error.path.removeprefix(str(copy))
            raise


def _copy(place: RemotePath, copy: Path) -> None:
    if not place.is_dir():
        _copy_file(place, copy)
        return
    copy.mkdir()
    for count, (name, _) in enumerate(sizes_below(place)):
        if count == DEFAULT_LIMITS.member_count:
            raise LimitExceededError("too many files", path=place, expected=f"at most {DEFAULT_LIMITS.member_count}")
        if not is_plain(name):
            raise UnsafeContentError("a name leads out of the folder", path=place, found=shown(name))
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        _copy_file(place / name, copy / name)


def _copy_file(place: RemotePath, copy: Path) -> None:
    with Source(place) as source, writing(os.fspath(copy)), copy.open("xb") as file:
        buffer = memoryview(bytearray(min(source.step_nbytes, source.nbytes)))
        for start in range(0, source.nbytes, source.step_nbytes):
            piece = buffer[: source.nbytes - start]
            source.read_into(start, piece)
            file.write(piece)
