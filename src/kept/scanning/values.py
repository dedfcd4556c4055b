"""Reading everything in a file once: checksums, and numbers that are none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, reduce
from typing import Any

import numpy as np

from kept.errors import KeptError, LimitExceededError
from kept.formats.artifact import Artifact, Tensor
from kept.formats.checksums import combine, crc32
from kept.formats.dtypes import is_extended, numpy_type
from kept.formats.pieces import pieces
from kept.formats.threads import THREAD_COUNT
from kept.limits import Limits
from kept.rules.subject import Values

__all__ = ["read_values"]

_PART_NBYTES = 1 << 25


def read_values(artifact: Artifact, recorded: Mapping[str, str], limits: Limits) -> Values:
    """Reads every tensor of a file, each place in it once, and whatever the format has checksums of.

    Args:
        artifact: An open file.
        recorded: Inner path -> checksum that the bytes must have.
        limits: The caps of the readers.
    """
    reading = _Reading()
    placed, others = _divided(artifact)
    parts = [part for place in placed for part in place.parts()]
    jobs: list[Callable[[], None]] = [part.read for part in parts]
    if "check" in artifact.extras:
        jobs.insert(0, artifact.extras["check"])
    _run(jobs, sum(part.nbytes for part in parts), reading)
    for place in placed:
        reading.take(place.paths, place.sum(), recorded)
    _read_others(others, artifact, recorded, limits, reading)
    return reading.values()


@dataclass(frozen=True, slots=True)
class _Sum:
    """What some bytes come to."""

    crc: int = 0
    nbytes: int = 0
    nan: bool = False
    infinite: bool = False

    def then(self, other: _Sum) -> _Sum:
        crc = combine(self.crc, other.crc, other.nbytes) if self.nbytes else other.crc
        return _Sum(crc, self.nbytes + other.nbytes, self.nan or other.nan, self.infinite or other.infinite)


@dataclass(slots=True)
class _Place:
    """A stretch of a file, and the tensors that it is."""

    tensor: Tensor
    paths: list[str] = field(default_factory=list)
    read: list[_Part] = field(default_factory=list)

    def parts(self) -> Iterator[_Part]:
        for start in range(0, self.tensor.nbytes, _PART_NBYTES):
            self.read.append(_Part(self.tensor, start, min(start + _PART_NBYTES, self.tensor.nbytes)))
            yield self.read[-1]

    def sum(self) -> _Sum:
        return reduce(_Sum.then, (part.result for part in self.read), _Sum())


@dataclass(slots=True)
class _Part:
    """What one thread reads."""

    tensor: Tensor
    start: int
    end: int
    result: _Sum = field(default_factory=_Sum)

    @property
    def nbytes(self) -> int:
        return self.end - self.start

    def read(self) -> None:
        self.result = _summed(pieces(self.tensor, self.start, self.end), self.tensor.dtype)


@dataclass(slots=True)
class _Reading:
    """What was found so far."""

    differing: dict[str, tuple[str, str]] = field(default_factory=dict)
    nan: list[str] = field(default_factory=list)
    infinite: list[str] = field(default_factory=list)
    damage: list[KeptError] = field(default_factory=list)

    def take(self, paths: Iterable[str], total: _Sum, recorded: Mapping[str, str]) -> None:
        made = f"crc32:{total.crc:08x}"
        for path in paths:
            if path in recorded and recorded[path] != made:
                self.differing[path] = recorded[path], made
            if total.nan:
                self.nan.append(path)
            if total.infinite:
                self.infinite.append(path)

    def values(self) -> Values:
        return Values(self.differing, tuple(sorted(self.nan)), tuple(sorted(self.infinite)), tuple(self.damage))


def _divided(artifact: Artifact) -> tuple[list[_Place], list[Tensor]]:
    """The places that tensors lie in, in the order of the file, and the tensors that have to be unpacked or turned."""
    places: dict[tuple[int, int, int, str], _Place] = {}
    others = []
    for tensor in artifact:
        if tensor.source is None or tensor.offset is None:
            others.append(tensor)
            continue
        key = id(tensor.source), tensor.offset, tensor.nbytes, tensor.dtype
        places.setdefault(key, _Place(tensor)).paths.append(tensor.path)
    return [places[key] for key in sorted(places)], others


def _run(jobs: list[Callable[[], None]], nbytes: int, reading: _Reading) -> None:
    def tried(job: Callable[[], None]) -> None:
        try:
            job()
        except KeptError as error:
            reading.damage.append(error)

    if nbytes <= _PART_NBYTES:
        for job in jobs:
            tried(job)
        return
    with ThreadPoolExecutor(THREAD_COUNT) as pool:
        list(pool.map(tried, jobs))


def _read_others(
    tensors: list[Tensor], artifact: Artifact, recorded: Mapping[str, str], limits: Limits, reading: _Reading
) -> None:
    left = max(limits.expansion_free_bytes, limits.expansion_ratio * _stored_nbytes(artifact))
    for tensor in tensors:
        if not _holds_numbers(tensor):
            continue
        left -= tensor.nbytes
        try:
            if left < 0:
                raise LimitExceededError("the tensors unpack to far more than is stored", where=tensor.path)
            reading.take([tensor.path], _summed(pieces(tensor), tensor.dtype), recorded)
        except KeptError as error:
            reading.damage.append(error)
            if left < 0:
                return


def _stored_nbytes(artifact: Artifact) -> int:
    path = artifact.path
    files = [path] if path.is_file() else [one for one in path.iterdir() if one.is_file()]
    return sum(one.stat().st_size for one in files)


def _holds_numbers(tensor: Tensor) -> bool:
    try:
        numpy_type(tensor.dtype)
    except KeptError:
        return False
    return True


def _summed(given: Iterable[memoryview], dtype: str) -> _Sum:
    crc = nbytes = 0
    nan = infinite = False
    for piece in given:
        crc, nbytes = crc32(piece, crc), nbytes + len(piece)
        if not _is_finite(piece, dtype):
            values = _floats(piece, dtype)
            nan = nan or bool(np.isnan(values).any())
            infinite = infinite or bool(np.isinf(values).any())
    return _Sum(crc, nbytes, nan, infinite)


def _is_finite(piece: memoryview, dtype: str) -> bool:
    """Whether all numbers are finite. False may be an error, where their sum is too large."""
    numbers = numpy_type(dtype)
    if numbers.kind not in "fc" and not is_extended(dtype):
        return True
    if numbers.itemsize <= 2:
        return not _not_finite(dtype)[np.frombuffer(piece, f"<u{numbers.itemsize}")].any()
    with np.errstate(all="ignore"):
        return math.isfinite(np.add.reduce(_floats(piece, dtype)))


@cache
def _not_finite(dtype: str) -> np.ndarray[Any, Any]:
    """Which of all patterns of bits of a small type stand for no finite number."""
    numbers = numpy_type(dtype)
    patterns = np.arange(1 << 8 * numbers.itemsize, dtype=f"<u{numbers.itemsize}")
    finite: np.ndarray[Any, Any] = np.isfinite(_floats(patterns.data.cast("B"), dtype))
    return ~finite


def _floats(piece: memoryview, dtype: str) -> np.ndarray[Any, Any]:
    numbers = numpy_type(dtype)
    if numbers.kind == "c":
        numbers = np.dtype(f"<f{numbers.itemsize // 2}")
    values: np.ndarray[Any, Any] = np.frombuffer(piece, numbers)
    if is_extended(dtype):
        values = values.astype(np.float32)
    return values
