"""File objects instead of paths: a whole `.keras` archive goes in, or comes out, from where the object stands."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import CorruptFileError, KeptError, UnknownFormatError, WriteError, shown
from ..formats.target import writing

__all__ = ["copied_from", "is_stream", "name_of", "path_of", "written_to"]

_CHUNK_BYTES = 1 << 20


def is_stream(filepath: object) -> bool:
    """Whether somebody gave a file object, or anything else that reads or writes."""
    return not isinstance(filepath, (str, bytes, os.PathLike)) and (
        hasattr(filepath, "write") or hasattr(filepath, "read")
    )


def path_of(filepath: object) -> str:
    """A path as text.

    Raises:
        UnknownFormatError: It is none.
    """
    if not isinstance(filepath, (str, bytes, os.PathLike)):
        raise UnknownFormatError(
            "this is no path", expected="the path of a file, or a binary file object", found=shown(filepath)
        )
    return os.fsdecode(filepath)


def name_of(filepath: Any) -> str:
    """What a path or a file object is called in errors and reports."""
    if not is_stream(filepath):
        return path_of(filepath)
    name = getattr(filepath, "name", None)
    return name if isinstance(name, str) and name else f"<{type(filepath).__name__}>"


@contextmanager
def written_to(stream: Any) -> Iterator[str]:
    """A file to write to; what is in it goes to the stream when the block ends well, and not a byte before.

    Raises:
        WriteError: The stream takes no bytes, or refuses them.
    """
    if _is_closed(stream) or not hasattr(stream, "write") or not _can(stream, "writable"):
        raise _refused(stream, "cannot be written", "a file opened with 'wb', or an io.BytesIO()")
    if _is_text(stream):
        raise _refused(stream, "takes text", "one that takes bytes, opened with 'wb'")
    with _temporary() as path, _naming(path, stream):
        yield path
        with open(path, "rb") as file, writing(name_of(stream)):
            while chunk := file.read(_CHUNK_BYTES):
                _write(stream, chunk)
            if hasattr(stream, "flush"):
                stream.flush()


@contextmanager
def copied_from(stream: Any) -> Iterator[str]:
    """A file with everything that a stream still gives.

    Raises:
        UnknownFormatError: The stream gives no bytes.
        CorruptFileError: It is at its end.
    """
    if _is_closed(stream) or not hasattr(stream, "read") or not _can(stream, "readable"):
        raise UnknownFormatError(
            "the file object cannot be read", path=name_of(stream), expected="a file opened with 'rb'"
        )
    with _temporary() as path, _naming(path, stream):
        with open(path, "wb") as file:
            while chunk := stream.read(_CHUNK_BYTES):
                if isinstance(chunk, str):
                    raise UnknownFormatError("the file object gives text", expected="a file opened with 'rb'")
                file.write(chunk)
            if not file.tell():
                raise CorruptFileError(
                    "the file object gives no bytes", hint="if it was written just now, call seek(0) on it first"
                )
        yield path


@contextmanager
def _temporary() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kept-") as folder:
        yield os.path.join(folder, "model.keras")


@contextmanager
def _naming(path: str, stream: Any) -> Iterator[None]:
    """Lets errors speak of the file object: nobody knows the temporary file, which is gone by then."""
    try:
        yield
    except KeptError as error:
        if error.path in (None, path):
            error.path = name_of(stream)
        if error.rescue is not None and os.path.dirname(error.rescue) == os.path.dirname(path):
            error.rescue = shutil.move(error.rescue, tempfile.gettempdir())
        raise


def _is_closed(stream: Any) -> bool:
    return getattr(stream, "closed", False) is True


def _can(stream: Any, verb: str) -> bool:
    ask = getattr(stream, verb, None)
    return bool(ask()) if callable(ask) else True


def _is_text(stream: Any) -> bool:
    mode = getattr(stream, "mode", "b")
    if isinstance(stream, io.TextIOBase) or (isinstance(mode, str) and "t" in mode):
        return True
    return hasattr(stream, "encoding") and not isinstance(stream, io.IOBase)


def _write(stream: Any, chunk: bytes) -> None:
    """Writes all of it; a raw file may take a part at a time."""
    left = memoryview(chunk)
    while left:
        try:
            taken = stream.write(left)
        except TypeError as error:
            raise _refused(stream, f"refuses bytes: {error}", "one that takes bytes") from error
        left = left[taken if isinstance(taken, int) and isinstance(stream, io.RawIOBase) else len(left) :]


def _refused(stream: Any, what: str, expected: str) -> WriteError:
    return WriteError(f"the file object {what}", path=name_of(stream), expected=expected, found=shown(stream))
