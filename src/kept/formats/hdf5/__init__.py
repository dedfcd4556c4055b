"""Reading tensors from HDF5 without trusting it: plain files by kept itself, all others by HDF5 under guard."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import CorruptFileError, KeptError, LimitExceededError
from ...limits import Limits
from ..source import Source
from .contents import Contents
from .plain import PlainHdf5
from .stretch import OUTSIDE

if TYPE_CHECKING:
    from .library import LibraryHdf5

__all__ = ["SIGNATURE", "Contents", "Hdf5", "foreign_bytes"]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_Found = TypeVar("_Found")


class Hdf5:
    """An HDF5 file, or a stretch of a file that is one. h5py is imported for what is not plain alone.

    Args:
        source: The file.
        start: Where the HDF5 content begins.
        nbytes: How long it is.
        limits: The caps.
        where: The member, for errors; empty for a whole file.

    Raises:
        CorruptFileError: HDF5 cannot open it; a file cut at any byte is noticed here.
    """

    def __init__(self, source: Source, start: int, nbytes: int, limits: Limits, where: str = "") -> None:
        self._source, self._start, self._nbytes, self._limits, self._where = source, start, nbytes, limits, where
        self._plain: PlainHdf5 | None = None
        try:
            self._plain = PlainHdf5(source, start, nbytes, limits)
        except OUTSIDE:
            self._library  # noqa: B018

    @cached_property
    def _library(self) -> LibraryHdf5:
        from .library import LibraryHdf5

        return LibraryHdf5(self._source, self._start, self._nbytes, self._limits, self._where)

    def _plainly(self, ask: Callable[[PlainHdf5], _Found]) -> _Found | None:
        """The answer of the plain reader; None where it has none, and then it is asked no more."""
        if self._plain is not None:
            try:
                return ask(self._plain)
            except KeptError:  # what HDF5 must not be asked about
                raise
            except OUTSIDE:
                self._plain = None
        return None

    def close(self) -> None:
        """Closes it; arrays that were mapped stay valid."""
        if "_library" in self.__dict__:
            self._library.close()

    def names(self, path: str = "") -> list[str]:
        """What a group holds."""
        found = self._plainly(lambda plain: plain.names(path))
        return self._library.names(path) if found is None else found

    def attributes(self, path: str = "") -> dict[str, Any]:
        """Attributes of a group that are texts or numbers; a list for an array of them."""
        found = self._plainly(lambda plain: plain.attributes(path))
        return self._library.attributes(path) if found is None else found

    def document(self, path: str) -> bytes:
        """The bytes of a row of uint8, which is how kept puts a text into HDF5.

        Raises:
            CorruptFileError: There is none at `path`, or it is of another kind.
            LimitExceededError: It is too large.
        """
        above, _, name = path.rpartition("/")
        tensor = self.walk(above, depth=0).tensors.get(name)
        file, where = self._source.path, ": ".join(filter(None, (self._where, path)))
        if tensor is None or tensor.dtype != "uint8" or len(tensor.shape) != 1:
            found = "nothing" if tensor is None else f"{tensor.dtype} {tensor.shape}"
            raise CorruptFileError("no document there", path=file, where=where, expected="a row of uint8", found=found)
        if tensor.nbytes > self._limits.json_bytes:
            expected = f"at most {self._limits.json_bytes} bytes"
            raise LimitExceededError(
                "document is too large", path=file, where=where, expected=expected, found=f"{tensor.nbytes}"
            )
        return tensor.read().tobytes()

    def walk(self, root: str = "", *, depth: int | None = None, skip: tuple[str, ...] = ()) -> Contents:
        """Everything below the group at `root`, every object checked, none read.

        Args:
            root: Path of a group without soft or external links on the way.
            depth: How many levels of groups to enter; None for all of them.
            skip: Names in the root group to leave out.

        Raises:
            UnsafeContentError: It leads out of the file, or needs a plug-in.
            LimitExceededError: It declares more than it stores, or than the limits allow.
            CorruptFileError: HDF5 cannot make sense of it.
        """
        found = self._plainly(lambda plain: plain.walk(root, depth, skip))
        return self._library.walk(root, depth=depth, skip=skip) if found is None else found


def foreign_bytes(source: Source, start: int) -> tuple[int, int]:
    """How many bytes of a file lie before its HDF5 content, and how many behind it.

    Args:
        source: The file.
        start: Where its signature is.
    """
    head = source.read_at(start, 64)
    width, version = head[13] if head[8] < 2 else head[9], head[8]
    end_at = 24 + 2 * width + (4 if version == 1 else 0) if version < 2 else 12 + 2 * width
    end = int.from_bytes(head[end_at : end_at + width], "little")
    return start, max(0, source.nbytes - end)
