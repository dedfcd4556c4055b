"""A file behind a URL, open for reading: small reads are joined and kept, large ones come in pieces all at once."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import ClassVar

from ..errors import CorruptFileError, KeptError
from .places import Place, RemotePath
from .source import Source

__all__ = ["RemoteSource"]

_PAGE = 1 << 12
# A read somewhere new fetches this much; one that goes on where the last ended twice the last, up to the most.
_FIRST_PAGES, _MOST_PAGES = 4, 1 << 11
# What is kept, in all files of one model together.
_KEPT_PAGES = 1 << 13
# Spans that are expected are fetched together if at most so many pages lie between them.
_GAP_PAGES = 4
# Large reads are made of pieces of this size, which come at the same time.
_PIECE_NBYTES = 1 << 22
# Below this size they count as small.
_JOINED_NBYTES = 1 << 20


class RemoteSource(Source):
    """A source whose bytes are fetched when they are asked for.

    Args:
        path: The file.
        fd: None.

    Raises:
        UnknownFormatError: There is no such file.
    """

    step_nbytes: ClassVar[int] = 1 << 24
    reader_count: ClassVar[int] = 8

    def __init__(self, path: Place, fd: int | None = None) -> None:
        assert isinstance(path, RemotePath)
        self.path = path
        self._remote, self._key = path.remote, path.key
        self.nbytes = self._remote.nbytes(self._key)
        self._is_open = True
        self._next, self._run = -1, 0

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes; fewer only at the end of the file."""
        self._refuse_closed()
        stop = min(offset + count, self.nbytes)
        parts = []
        while offset < stop:
            with self._remote.lock:
                number = offset // _PAGE
                page = self._page(number, -(-stop // _PAGE))
            part = page[offset - number * _PAGE : stop - number * _PAGE]
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def _page(self, number: int, stop: int) -> bytes:
        """One page; when it has to be fetched, then with others that will be wanted, those before `stop` at least."""
        pages = self._remote.pages
        held = pages.get((self._key, number))
        if held is not None:
            pages.move_to_end((self._key, number))
            return held
        run = min(2 * self._run, _MOST_PAGES) if number == self._next else _FIRST_PAGES
        wanted = min(number + max(run, min(stop - number, _MOST_PAGES)), -(-self.nbytes // _PAGE))
        end = next((one for one in range(number, wanted) if (self._key, one) in pages), wanted)
        self._next, self._run = end, end - number
        self._fetch([(number, end)])
        return pages[self._key, number]

    def _fetch(self, runs: Iterable[tuple[int, int]]) -> None:
        """Fetches runs of pages and keeps them."""
        fetched = [(start, memoryview(bytearray(min(end * _PAGE, self.nbytes) - start * _PAGE))) for start, end in runs]
        self._fill([(start * _PAGE, memory) for start, memory in fetched])
        pages = self._remote.pages
        for start, memory in fetched:
            for at in range(0, len(memory), _PAGE):
                pages[self._key, start + at // _PAGE] = bytes(memory[at : at + _PAGE])
        while len(pages) > _KEPT_PAGES:
            pages.popitem(last=False)

    def _fill(self, parts: Iterable[tuple[int, memoryview]]) -> None:
        pieces = [
            (start + at, memory[at : at + _PIECE_NBYTES])
            for start, memory in parts
            for at in range(0, len(memory), _PIECE_NBYTES)
        ]
        self._remote.fill(self._key, pieces)

    def expect(self, spans: Iterable[tuple[int, int]]) -> None:
        """Fetches what lies in the spans, all at once; no more than a part of what can be kept."""
        with self._remote.lock:
            numbers = (
                number
                for start, stop in spans
                for number in range(max(0, start) // _PAGE, -(-min(stop, self.nbytes) // _PAGE))
                if (self._key, number) not in self._remote.pages
            )
            wanted = sorted(set(islice(numbers, _KEPT_PAGES // 2)))
            self._fetch(_runs(wanted))

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fills `buffer`; a small one from what is kept, with more being kept for the next, a large one in pieces."""
        self._refuse_closed()
        if offset + len(buffer) > self.nbytes:
            raise CorruptFileError("the file was cut while it was read", path=self.path, found=f"{self.nbytes} bytes")
        if len(buffer) < _JOINED_NBYTES:
            buffer[:] = self.read_at(offset, len(buffer))
        else:
            self._fill([(offset, buffer)])

    def view(self, offset: int, count: int) -> memoryview:
        """These bytes and no others, in memory of their own; nothing is fetched where all of them are kept."""
        self._refuse_closed()
        with self._remote.lock:
            if all(
                (self._key, one) in self._remote.pages for one in range(offset // _PAGE, -(-(offset + count) // _PAGE))
            ):
                return memoryview(bytearray(self.read_at(offset, count)))
        memory = memoryview(bytearray(max(0, min(count, self.nbytes - offset))))
        self._fill([(offset, memory)])
        return memory

    def mapped(self, *, private: bool = False) -> mmap.mmap:
        """Refuses: there is no file on this machine to map."""
        raise KeptError("a file behind a URL cannot be mapped", path=self.path, hint="leave mmap=True out")

    def _refuse_closed(self) -> None:
        if not self._is_open:
            raise KeptError("the file was closed before this tensor was read", path=self.path)

    def close(self) -> None:
        """Nothing is asked for any more."""
        self._is_open = False


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Sorted numbers as runs, first and one after the last; what lies between close ones is in the run, too."""
    start = end = -1
    for number in numbers:
        if start >= 0 and number - end > _GAP_PAGES:
            yield start, end
            start = -1
        start = number if start < 0 else start
        end = max(end, number + 1)
    if start >= 0:
        yield start, end
