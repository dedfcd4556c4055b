"""Many tensors read at once into memory of their own: neighbours together, large ones in several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np

from .artifact import Tensor, checksum
from .checksums import combine, crc32
from .dtypes import numpy_type
from .source import Source

__all__ = ["Load", "load", "loading_ahead", "map_in"]

# Backends take over memory that begins at a multiple of this, without a copy.
_ALIGNMENT = 64
# Tensors up to this size are read together, if at most a page lies between them.
_SMALL_NBYTES, _GAP_NBYTES, _RUN_NBYTES = 1 << 20, 1 << 12, 1 << 23
# Large tensors are read in pieces for one thread each.
_PIECE_NBYTES = 1 << 25
# So much is read before it is asked for, at most: where a backend copies, it is in memory twice for a while.
_AHEAD_NBYTES = 1 << 26

Array = np.ndarray[Any, Any]
Load = Callable[[Iterable[Tensor], Mapping[str, str] | None], tuple[dict[str, Array], list[str]]]


def load(tensors: Iterable[Tensor], recorded: Mapping[str, str] | None = None) -> tuple[dict[str, Array], list[str]]:
    """Reads tensors, each into memory that nothing else uses.

    Args:
        tensors: Of open artifacts; no two of one path.
        recorded: Path -> checksum that its bytes must have, as in `TensorRecord.checksum`.

    Returns:
        The values by path, writable, those of a megabyte and more from 64-byte boundaries; and the paths of tensors
        whose bytes are not those that were recorded.

    Raises:
        CorruptFileError: A file ends too early, or HDF5 cannot read it.
    """
    recorded = recorded or {}
    arrays: dict[str, Array] = {}
    sums: dict[str, str] = {}
    placed: list[Tensor] = []
    for tensor in tensors:
        if tensor.offset is not None and tensor.source is not None:
            placed.append(tensor)
            continue
        arrays[tensor.path] = np.array(tensor.read())
        if tensor.path in recorded:
            sums[tensor.path] = checksum(arrays[tensor.path])
    runs = [_Run.over(tensors) for tensors in _neighbours(placed)]
    pieces = [piece for run in runs for piece in run.pieces(recorded)]
    if sum(len(piece.buffer) for piece in pieces) > _PIECE_NBYTES:
        with ThreadPoolExecutor(max(piece.source.reader_count for piece in pieces)) as pool:
            crcs = list(pool.map(_Piece.read, pieces))
    else:
        crcs = [piece.read() for piece in pieces]
    for piece, crc in zip(pieces, crcs, strict=True):
        piece.run.parts.append((crc, len(piece.buffer)))
    for run in runs:
        arrays |= run.arrays()
        sums |= run.checksums(recorded)
    return arrays, [path for path, found in sums.items() if found != recorded[path]]


def _neighbours(tensors: list[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors in the order of their bytes; small ones that lie close together in one list."""
    run: list[Tensor] = []
    for tensor in sorted(tensors, key=lambda one: (id(one.source), one.offset or 0)):
        if run and not _joins(run, tensor):
            yield run
            run = []
        run.append(tensor)
    if run:
        yield run


def _joins(run: list[Tensor], tensor: Tensor) -> bool:
    last, start = run[-1], tensor.offset or 0
    return (
        tensor.source is last.source
        and max(last.nbytes, tensor.nbytes) <= _SMALL_NBYTES
        and 0 <= start - ((last.offset or 0) + last.nbytes) <= _GAP_NBYTES
        and start + tensor.nbytes - (run[0].offset or 0) <= _RUN_NBYTES
    )


@dataclass(slots=True)
class _Run:
    """A stretch of a file, and the memory that it is read into.

    Attributes:
        tensors: That lie in it.
        memory: As long as the stretch.
        parts: CRC-32 and length of its pieces, once they are read.
    """

    tensors: list[Tensor]
    memory: Array
    parts: list[tuple[int, int]]

    @classmethod
    def over(cls, tensors: list[Tensor]) -> _Run:
        start = tensors[0].offset or 0
        nbytes = (tensors[-1].offset or 0) + tensors[-1].nbytes - start
        whole = np.empty(nbytes + _ALIGNMENT, np.uint8)
        wanted = start % _ALIGNMENT if len(tensors) > 1 else 0  # neighbours stay as aligned as they are in the file
        at = (wanted - whole.ctypes.data) % _ALIGNMENT
        return cls(tensors, whole[at : at + nbytes], [])

    def pieces(self, recorded: Mapping[str, str]) -> Iterator[_Piece]:
        source, start, view = self.tensors[0].source, self.tensors[0].offset or 0, self.memory.data
        assert source is not None
        summed = len(self.tensors) == 1 and self.tensors[0].path in recorded
        bounds = [*range(0, len(view), _PIECE_NBYTES), len(view)]
        for first, last in pairwise(bounds):
            yield _Piece(self, source, start + first, view[first:last], summed)

    def arrays(self) -> dict[str, Array]:
        start = self.tensors[0].offset or 0
        return {one.path: _shaped(one, self.memory, (one.offset or 0) - start) for one in self.tensors}

    def checksums(self, recorded: Mapping[str, str]) -> dict[str, str]:
        wanted = [one for one in self.tensors if one.path in recorded]
        if len(self.tensors) == 1 and wanted:
            crc, _ = reduce(lambda a, b: (combine(a[0], b[0], b[1]), a[1] + b[1]), self.parts)
            return {wanted[0].path: f"crc32:{crc:08x}"}
        start, view = self.tensors[0].offset or 0, self.memory.data
        places = {one.path: ((one.offset or 0) - start, one.nbytes) for one in wanted}
        return {path: f"crc32:{crc32(view[at : at + nbytes]):08x}" for path, (at, nbytes) in places.items()}


@dataclass(slots=True)
class _Piece:
    """What one thread reads."""

    run: _Run
    source: Source
    offset: int
    buffer: memoryview
    summed: bool

    def read(self) -> int:
        crc, nbytes = 0, self.source.step_nbytes
        for at in range(0, len(self.buffer), nbytes):
            step = self.buffer[at : at + nbytes]
            self.source.read_into(self.offset + at, step)
            crc = crc32(step, crc) if self.summed else 0
        return crc


def _shaped(tensor: Tensor, memory: Array, at: int) -> Array:
    array: Array = np.ndarray(tensor.shape, numpy_type(tensor.dtype), buffer=memory.data, offset=at)
    return array if array.flags.aligned else array.copy()


def map_in(tensors: Iterable[Tensor], recorded: Mapping[str, str] | None = None) -> tuple[dict[str, Array], list[str]]:
    """As `load`, but in memory that all processes which map the file share, until one of them writes to it.

    What does not lie in the file as it lies in memory is read as by `load`. The file must stay as it is as long as the
    arrays live; replacing it as a whole leaves them alone.
    """
    recorded = recorded or {}
    arrays: dict[str, Array] = {}
    rest = []
    for tensor in tensors:
        if tensor.source is None or tensor.offset is None or tensor.offset % numpy_type(tensor.dtype).alignment:
            rest.append(tensor)
            continue
        memory = tensor.source.mapped(private=True)
        arrays[tensor.path] = np.ndarray(tensor.shape, numpy_type(tensor.dtype), buffer=memory, offset=tensor.offset)
    damaged = [path for path, array in arrays.items() if path in recorded and checksum(array) != recorded[path]]
    read, broken = load(rest, recorded)
    return arrays | read, damaged + broken


@contextmanager
def loading_ahead(tensors: Iterable[Tensor], recorded: Mapping[str, str]) -> Iterator[Load]:
    """Reads tensors in a thread of its own while the caller does something else; the context is their `load`.

    Args:
        tensors: That will be wanted, most of them. Those beyond 64 MiB in all, and those that do not lie in the file as
            they lie in memory, are read only when they are asked for.
        recorded: As in `load`.
    """
    left, soon = _AHEAD_NBYTES, {}
    for tensor in tensors:
        if tensor.offset is not None and tensor.nbytes <= left:
            soon[tensor.path] = tensor
            left -= tensor.nbytes
    sums = {path: said for path, said in recorded.items() if path in soon}
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(load, soon.values(), sums)

        def load_rest(
            tensors: Iterable[Tensor], recorded: Mapping[str, str] | None = None
        ) -> tuple[dict[str, Array], list[str]]:
            wanted = {tensor.path: tensor for tensor in tensors}
            arrays, damaged = load([one for path, one in wanted.items() if path not in soon], recorded)
            early, differing = reading.result()
            found = {path: early.pop(path) for path in wanted.keys() & soon.keys()}
            return arrays | found, damaged + [path for path in differing if path in wanted]

        yield load_rest
