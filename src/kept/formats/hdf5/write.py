"""Writing tensors as HDF5: the structure by h5py into memory, the tensors straight into the file at their places."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from types import TracebackType
from typing import Self

import h5py
import numpy as np
from h5py import h5a, h5d, h5f, h5fd, h5g, h5p, h5s, h5t

from ...errors import SerializationError
from ..artifact import NewTensor, TensorRecord
from ..checksums import combine, crc32
from ..dtypes import hdf5_type, is_extended, numpy_type
from ..output import Output
from ..pages import Pages
from ..threads import THREAD_COUNT

__all__ = ["Layout", "Plan", "write_tensors"]

# Tensors from this size start at a multiple of it: what a mapped array needs to be used without a copy.
_ALIGNMENT = 64
# Tensors up to this size are written with the structure around them.
_SMALL_NBYTES = 1 << 12
# Large ones are written in pieces by several threads, each in steps that stay in the cache.
_STEP_NBYTES, _PIECE_NBYTES, _HELD_NBYTES, _SYNCED_NBYTES = 1 << 20, 1 << 25, 1 << 26, 1 << 26


def _properties() -> tuple[h5p.PropLCID, h5p.PropGCID, h5p.PropDCID]:
    links = h5p.create(h5p.LINK_CREATE)
    links.set_char_encoding(h5t.CSET_UTF8)
    groups = h5p.create(h5p.GROUP_CREATE)
    groups.set_obj_track_times(False)
    datasets = h5p.create(h5p.DATASET_CREATE)
    datasets.set_layout(h5d.CONTIGUOUS)
    datasets.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    datasets.set_fill_time(h5d.FILL_TIME_NEVER)
    datasets.set_obj_track_times(False)
    return links, groups, datasets


@contextmanager
def _refusals(where: str) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, SerializationError):
            raise
        raise SerializationError("HDF5 cannot hold it under this path", where=where, found=str(error)) from error


@dataclass(slots=True)
class Plan:
    """Where each tensor goes, known before any of them is written.

    Attributes:
        pages: The structure of the file.
        tensors: What is to be written, by inner path.
        offsets: Absolute position in the file of each, None where there are no bytes.
    """

    pages: Pages
    tensors: dict[str, NewTensor]
    offsets: dict[str, int | None]


class Layout:
    """An HDF5 file being laid out in memory; a context manager, left once `finish` has given the plan.

    Args:
        pages: Where to; when it lies over an existing HDF5 file, that file is extended.
        userblock: Bytes before the HDF5 content of a new file: 0, or a power of two from 512.
    """

    def __init__(self, pages: Pages, *, userblock: int = 0) -> None:
        access = h5p.create(h5p.FILE_ACCESS)
        access.set_fileobj_driver(h5fd.fileobj_driver, pages)
        access.set_fclose_degree(h5f.CLOSE_STRONG)
        access.set_alignment(_ALIGNMENT, _ALIGNMENT)
        # HDF5 1.8 (2008): checksums over the structure, half its size, and the same bytes from every later library.
        access.set_libver_bounds(h5f.LIBVER_V18, h5f.LIBVER_LATEST if pages.nbytes else h5f.LIBVER_V18)
        self._links, self._groups, self._datasets = _properties()
        if pages.nbytes:
            self._file = h5f.open(b"kept", h5f.ACC_RDWR, fapl=access)
        else:
            creation = h5p.create(h5p.FILE_CREATE)
            creation.set_userblock(userblock)
            creation.set_obj_track_times(False)
            self._file = h5f.create(b"kept", h5f.ACC_TRUNC, fcpl=creation, fapl=access)
        self._open: dict[str, h5g.GroupID] = {"": h5g.open(self._file, b"/")}
        self._text = h5t.py_create(h5py.string_dtype(), logical=True)
        self._scalar = h5s.create(h5s.SCALAR)
        self._spaces: dict[tuple[int, ...], h5s.SpaceID] = {}
        self._plan = Plan(pages, {}, {})

    def group(self, path: str) -> h5g.GroupID:
        """The group there, made with its parents when it is not there yet."""
        found = self._open.get(path)
        if found is None:
            above, name = self._parent(path)
            key = name.encode()
            with _refusals(path):
                found = h5g.open(above, key) if key in above else h5g.create(above, key, self._links, self._groups)
            self._open[path] = found
        return found

    def _parent(self, path: str) -> tuple[h5g.GroupID, str]:
        above, _, name = path.rpartition("/")
        if name in ("", ".") or "\0" in name:
            raise SerializationError(
                "an inner path has an empty part", where=path, expected="names joined by single slashes"
            )
        return self.group(above), name

    def text(self, path: str, attributes: Mapping[str, str]) -> None:
        """Gives the group at `path` text attributes."""
        group = self.group(path)
        for name, value in attributes.items():
            self._attribute(group, name, value)

    def _attribute(self, owner: h5g.GroupID | h5d.DatasetID, name: str, value: str) -> None:
        attribute = h5a.create(owner, name.encode(), self._text, self._scalar)
        attribute.write(np.array(value, dtype=object))

    def tensor(self, path: str, tensor: NewTensor) -> None:
        """Makes room for a tensor."""
        above, name = self._parent(path)
        try:
            stored = hdf5_type(tensor.dtype)
        except SerializationError as error:
            raise error.under(path) from None
        space = self._spaces.get(tensor.shape)
        with _refusals(path):
            if space is None:
                space = h5s.create_simple(tensor.shape) if tensor.shape else self._scalar
                self._spaces[tensor.shape] = space
            dataset = h5d.create(above, name.encode(), stored, space, self._datasets, self._links)
        if is_extended(tensor.dtype):
            self._attribute(dataset, "dtype", tensor.dtype)
        self._plan.tensors[path] = tensor
        self._plan.offsets[path] = dataset.get_offset() if dataset.get_storage_size() else None

    def remove(self, path: str) -> None:
        """Takes a group or dataset away, if it is there; its bytes stay in the file, unused."""
        above, name = self._parent(path)
        if name.encode() in above:
            above.unlink(name.encode())

    def link(self, path: str, existing: str) -> None:
        """Gives an existing dataset a second path."""
        above, name = self._parent(path)
        with _refusals(path):
            above.links.create_hard(name.encode(), self._file, existing.encode(), self._links)

    def finish(self) -> Plan:
        """Closes the layout; after that every place is settled."""
        self._open.clear()
        self._file.close()
        return self._plan

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Also after an error: left to the garbage collector, HDF5 would write into pages over a closed file.
        self._open.clear()
        if self._file.valid:
            self._file.close()


def write_tensors(
    output: Output, plan: Plan, start: int = 0, *, checked: bool = True
) -> tuple[dict[str, TensorRecord], int]:
    """Writes structure and tensors into a file with enough room; large ones in several threads, small ones together.

    Args:
        output: The file.
        plan: What goes where.
        start: Where the HDF5 content begins.
        checked: Whether the checksum of the whole is wanted.

    Returns:
        The record of each tensor, and the CRC-32 of everything from `start` to the end of the HDF5 content.
    """
    order = sorted(plan.tensors, key=lambda path: plan.offsets[path] or 0)
    records: dict[str, TensorRecord] = {}
    large = [path for path in order if not _written_together(plan, path, records)]
    for at, run in plan.pages.runs():
        output.write(max(at, start), run[max(0, start - at) :])
    crc, position = 0, start
    for path, own in _written_apart(output, plan, large):
        tensor, offset = plan.tensors[path], plan.offsets[path]
        assert offset is not None
        records[path] = _recorded(tensor, offset, own)
        if checked:
            crc = combine(_over_structure(plan.pages, position, offset, crc), own.crc, own.nbytes)
            position = offset + own.nbytes
    crc = _over_structure(plan.pages, position, plan.pages.nbytes, crc) if checked else 0
    return {path: records[path] for path in plan.tensors}, crc


@dataclass(frozen=True, slots=True)
class _Sum:
    """CRC-32 of bytes, and how many there are."""

    crc: int = 0
    nbytes: int = 0

    def then(self, other: _Sum) -> _Sum:
        return _Sum(combine(self.crc, other.crc, other.nbytes), self.nbytes + other.nbytes)


def _recorded(tensor: NewTensor, offset: int | None, own: _Sum) -> TensorRecord:
    return TensorRecord(offset, tensor.shape, tensor.dtype, own.nbytes, f"crc32:{own.crc:08x}")


def _written_together(plan: Plan, path: str, records: dict[str, TensorRecord]) -> bool:
    """Puts a small tensor beside the structure, which is written a megabyte at a time; False for a large one."""
    tensor, offset = plan.tensors[path], plan.offsets[path]
    if offset is not None and math.prod(tensor.shape) * numpy_type(tensor.dtype).itemsize > _SMALL_NBYTES:
        return False
    data = tensor.content(path)
    if offset is not None:
        plan.pages.seek(offset)
        plan.pages.write(data)
    records[path] = _recorded(tensor, offset, _Sum(crc32(data), data.nbytes))
    return True


def _written_apart(output: Output, plan: Plan, paths: list[str]) -> Iterator[tuple[str, _Sum]]:
    """Writes large tensors in their order, and tells the sum of each; a few are in memory at a time."""
    under_way: deque[tuple[str, list[Future[_Sum]]]] = deque()
    held = unsynced = 0
    syncing: Future[None] | None = None
    with ThreadPoolExecutor(THREAD_COUNT + 1) as pool:
        for path in paths:
            data, offset = plan.tensors[path].content(path), plan.offsets[path] or 0
            bounds = range(0, data.nbytes, _PIECE_NBYTES)
            pieces = [(offset + at, data[at : at + _PIECE_NBYTES]) for at in bounds]
            under_way.append((path, [pool.submit(_write_piece, output, *piece) for piece in pieces]))
            held += data.nbytes
            unsynced += data.nbytes
            del data
            if unsynced > _SYNCED_NBYTES and (syncing is None or syncing.done()):  # the disk works meanwhile
                syncing, unsynced = pool.submit(output.sync), 0
            while held > _HELD_NBYTES and under_way:
                yield (done := _finished(under_way))
                held -= done[1].nbytes
        while under_way:
            yield _finished(under_way)
        if syncing is not None:
            syncing.result()


def _finished(under_way: deque[tuple[str, list[Future[_Sum]]]]) -> tuple[str, _Sum]:
    path, futures = under_way.popleft()
    return path, reduce(_Sum.then, (one.result() for one in futures), _Sum())


def _write_piece(output: Output, offset: int, data: memoryview) -> _Sum:
    """Writes and sums in steps that stay in the cache."""
    crc = 0
    for at in range(0, data.nbytes, _STEP_NBYTES):
        step = data[at : at + _STEP_NBYTES]
        crc = crc32(step, crc)
        output.write(offset + at, step)
    return _Sum(crc, data.nbytes)


def _over_structure(pages: Pages, start: int, end: int, crc: int) -> int:
    while start < end:
        step = min(end - start, _STEP_NBYTES)
        crc = crc32(pages.read_at(start, step), crc)
        start += step
    return crc
