"""What differs in the numbers of two tensors, read in pieces: many at once, in little memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from kept.errors import SerializationError
from kept.formats.artifact import Tensor
from kept.formats.dtypes import byte_view, is_extended, numpy_type
from kept.formats.threads import THREAD_COUNT
from kept.report import Deviation

__all__ = ["Tolerance", "compared", "same_bytes"]

Array = np.ndarray[Any, Any]
Tolerance = tuple[float, float]

# Elements that are looked at in one step, so that they stay in the cache; in one piece, for one thread each.
_STEP_COUNT, _PIECE_COUNT = 1 << 14, 1 << 22
# Small tensors are handed to threads together.
_TOGETHER_COUNT = 256


@dataclass(slots=True)
class _Sums:
    """What is known of a piece that is not equal to the bit; of an equal one only its length."""

    differing: int = 0
    beyond: int = 0
    nan: int = 0
    largest: float = 0.0
    squares: float = 0.0
    squares_a: float = 0.0
    squares_b: float = 0.0

    def __iadd__(self, other: _Sums) -> _Sums:
        self.differing += other.differing
        self.beyond += other.beyond
        self.nan += other.nan
        self.largest = max(self.largest, other.largest)
        self.squares += other.squares
        self.squares_a += other.squares_a
        self.squares_b += other.squares_b
        return self


@dataclass(frozen=True, slots=True)
class _Piece:
    index: int
    a: Tensor
    b: Tensor
    start: int
    stop: int


def compared(
    pairs: Sequence[tuple[Tensor, Tensor]],
    tolerance: Tolerance | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Deviation | None]:
    """Compares tensors of equal shapes.

    Args:
        pairs: Of open artifacts; types may differ, and are then compared in the wider one.
        tolerance: Relative and absolute: `|a - b| <= absolute + relative * max(|a|, |b|)` is close.
        progress: Told how many bytes of how many are done.

    Returns:
        What differs in each pair; None for those that are equal to the bit (or in every value, where types differ).

    Raises:
        CorruptFileError: A file ends too early.
    """
    pieces = [piece for index, (a, b) in enumerate(pairs) for piece in _pieces(index, a, b)]
    total, done = sum(one.a.nbytes for one in _whole(pieces)), 0
    found: dict[int, list[tuple[_Piece, _Sums | None]]] = {}
    for batch, sums in _in_threads(lambda piece: _compare(piece, tolerance), pieces):
        for piece, one in zip(batch, sums, strict=True):
            found.setdefault(piece.index, []).append((piece, one))
            done += (piece.stop - piece.start) * piece.a.nbytes // max(_count(piece.a), 1)
        progress(min(done, total), total)
    return [_deviation(found.get(index, []), a, tolerance) for index, (a, _) in enumerate(pairs)]


def _whole(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    return (piece for piece in pieces if piece.start == 0)


def _count(tensor: Tensor) -> int:
    return math.prod(tensor.shape)


def _pieces(index: int, a: Tensor, b: Tensor) -> Iterator[_Piece]:
    """The whole of a pair where either must be unpacked, else stretches of it."""
    count = _count(a)
    in_place = all(one.offset is not None and one.source is not None for one in (a, b))
    bounds = [*range(0, count, _PIECE_COUNT), count] if in_place else [0, count]
    for start, stop in pairwise(bounds):
        yield _Piece(index, a, b, start, stop)


def _in_threads(
    work: Callable[[_Piece], _Sums | None], pieces: list[_Piece]
) -> Iterator[tuple[list[_Piece], list[_Sums | None]]]:
    batches: list[list[_Piece]] = []
    room = 0
    for piece in pieces:
        size = piece.stop - piece.start
        if not batches or size > room or len(batches[-1]) >= _TOGETHER_COUNT:
            batches.append([])
            room = _PIECE_COUNT
        batches[-1].append(piece)
        room -= size
    if len(batches) <= 1:
        yield from ((batch, list(map(work, batch))) for batch in batches)
        return
    with ThreadPoolExecutor(THREAD_COUNT) as pool:
        try:
            yield from zip(batches, pool.map(lambda batch: list(map(work, batch)), batches), strict=True)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _compare(piece: _Piece, tolerance: Tolerance | None) -> _Sums | None:
    """None for a piece that is equal throughout."""
    try:
        alike = numpy_type(piece.a.dtype) == numpy_type(piece.b.dtype)
    except SerializationError:  # text and objects, which no tensor of a model has
        return None if bytes(byte_view(piece.a.read())) == bytes(byte_view(piece.b.read())) else _Sums(differing=1)
    if alike and all(_same(a, b) for a, b in _steps(piece)):
        return None
    total = _Sums()
    with np.errstate(all="ignore"):
        for a, b in _steps(piece):
            total += _sums(a, b, alike, tolerance)
    return total if total.differing or not alike else None


def _steps(piece: _Piece) -> Iterator[tuple[Array, Array]]:
    """The values of a piece, a step at a time, in memory that is used again."""
    steps = [_reader(tensor, piece) for tensor in (piece.a, piece.b)]
    for start in range(piece.start, piece.stop, _STEP_COUNT):
        stop = min(start + _STEP_COUNT, piece.stop)
        yield steps[0](start, stop), steps[1](start, stop)


def _reader(tensor: Tensor, piece: _Piece) -> Callable[[int, int], Array]:
    dtype = numpy_type(tensor.dtype)
    source, offset = tensor.source, tensor.offset
    if source is None or offset is None:
        flat = tensor.read().reshape(-1)
        return lambda start, stop: flat[start:stop]
    size = min(_STEP_COUNT, piece.stop - piece.start) * dtype.itemsize
    memory = np.empty(size, np.uint8)

    def read(start: int, stop: int) -> Array:
        held = memory[: (stop - start) * dtype.itemsize]
        source.read_into(offset + start * dtype.itemsize, held.data)
        return held.view(dtype)

    return read


def _same(a: Array, b: Array) -> bool:
    """Whether the bits are the same."""
    for width in (np.uint64, np.uint8):
        raw_a, raw_b = (np.ascontiguousarray(one).view(np.uint8) for one in (a, b))
        if raw_a.size % np.dtype(width).itemsize == 0:
            return bool(np.array_equal(raw_a.view(width), raw_b.view(width)))
    return False


def _sums(a: Array, b: Array, alike: bool, tolerance: Tolerance | None) -> _Sums:
    differing = int(np.count_nonzero(_apart(a, b))) if alike else None
    a, b = _wide(a), _wide(b)
    if _is_exact(a.dtype) and _is_exact(b.dtype):
        found = _sums_of_finite(a, b, differing, tolerance)
        if found is not None:
            return found
    return _sums_of_any(a, b, differing, tolerance)


def _is_exact(dtype: np.dtype[Any]) -> bool:
    """Whether float64 has all its numbers."""
    return dtype.itemsize <= (8 if dtype.kind == "f" else 4 if dtype.kind in "iu" else 0)


def _sums_of_finite(a: Array, b: Array, differing: int | None, tolerance: Tolerance | None) -> _Sums | None:
    """As `_sums_of_any`, sooner; None where a number is NaN or infinite, or too large to be squared."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    squares_a, squares_b = _square(a), _square(b)
    if not math.isfinite(squares_a + squares_b):
        return None
    apart = np.subtract(a, b)
    if differing is None:
        differing = int(np.count_nonzero(apart))
    largest = max(float(apart.max(initial=0.0)), -float(apart.min(initial=0.0)))
    beyond = differing
    if tolerance is not None:
        relative, absolute = tolerance
        allowed = absolute + relative * np.maximum(np.abs(a), np.abs(b))
        beyond = int(np.count_nonzero(np.abs(apart) > allowed))
    return _Sums(differing, beyond, 0, largest, _square(apart), squares_a, squares_b)


def _sums_of_any(a: Array, b: Array, differing: int | None, tolerance: Tolerance | None) -> _Sums:
    if a.dtype == b.dtype and a.dtype.kind in "iu":
        high, low = np.maximum(a, b), np.minimum(a, b)
        distance = (high.astype(np.uint64) - low.astype(np.uint64)).astype(np.float64)
    else:
        common = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
        a, b = a.astype(common), b.astype(common)
        distance = np.abs(a - b)
    size_a, size_b = np.abs(a).astype(np.float64), np.abs(b).astype(np.float64)
    nan_a, nan_b = np.isnan(size_a), np.isnan(size_b)
    one_nan = nan_a ^ nan_b
    distance[nan_a | nan_b | (np.asarray(a == b) & np.isinf(size_a))] = 0.0
    unequal = (distance > 0) | one_nan
    relative, absolute = tolerance or (0.0, 0.0)
    allowed = absolute + relative * np.fmax(size_a, size_b)
    finite = np.isfinite(size_a) & np.isfinite(size_b)
    beyond = unequal & ~(finite & (distance <= allowed))
    lengths = [np.where(finite, one, 0.0) for one in (distance, size_a, size_b)]
    return _Sums(
        int(np.count_nonzero(unequal)) if differing is None else differing,
        int(np.count_nonzero(beyond)),
        int(np.count_nonzero(one_nan)),
        float(distance.max(initial=0.0)),
        *(_square(one) for one in lengths),
    )


def _square(array: Array) -> float:
    """The square of its length; without BLAS, whose own threads would be in the way of these."""
    return float(np.einsum("i,i->", array, array))


def _apart(a: Array, b: Array) -> Array:
    """Where the bits differ."""
    size = a.dtype.itemsize
    raw = [np.ascontiguousarray(one).view(np.uint8).reshape(-1, size) for one in (a, b)]
    found: Array = (raw[0] != raw[1]).any(axis=1) if size not in (1, 2, 4, 8) else _as_integers(a) != _as_integers(b)
    return found


def _as_integers(array: Array) -> Array:
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")


def _wide(array: Array) -> Array:
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    return array.astype(np.float32) if is_extended(array.dtype.name) else array


def _deviation(
    found: Sequence[tuple[_Piece, _Sums | None]], tensor: Tensor, tolerance: Tolerance | None
) -> Deviation | None:
    if all(sums is None or not (sums.differing or sums.beyond) for _, sums in found):
        return None
    total = _Sums()
    with np.errstate(all="ignore"):
        for piece, sums in found:
            if sums is None:  # equal, and a part of one that is not: its size counts
                for a, b in _steps(piece):
                    total += _sums(a, b, True, tolerance)
            else:
                total += sums
    return Deviation(
        count=_count(tensor),
        differing_count=total.differing,
        largest=total.largest,
        distance=math.sqrt(total.squares),
        length=math.sqrt(max(total.squares_a, total.squares_b)),
        nan_count=total.nan,
        close=tolerance is not None and not total.beyond,
    )


def same_bytes(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors of one shape and type hold the same bits."""
    return compared([(a, b)]) == [None]
