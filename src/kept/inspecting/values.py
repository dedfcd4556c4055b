"""The numbers in tensors and what they are like; read in pieces, so that memory stays small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kept.errors import KeptError
from kept.formats.artifact import Tensor
from kept.formats.dtypes import is_extended, numpy_type
from kept.formats.pieces import pieces
from kept.report import Stats

__all__ = ["read_number", "stats_of"]

Array = np.ndarray[Any, Any]


def read_number(tensor: Tensor) -> int | None:
    """The integer that a tensor without dimensions holds; None for any other tensor."""
    if tensor.shape != () or tensor.dtype not in ("int32", "int64", "uint32", "uint64"):
        return None
    return int.from_bytes(next(pieces(tensor)), "little", signed=not tensor.dtype.startswith("u"))


@dataclass(slots=True)
class _Sum:
    """Numbers seen so far; mean and squares are put together piece by piece (Chan, Golub and LeVeque, 1979)."""

    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    nan_count: int = 0
    infinite_count: int = 0
    zero_count: int = 0

    def add(self, values: Array) -> None:
        if values.dtype.kind == "f":
            nan_count = int(np.isnan(values).sum())
            finite = np.isfinite(values)
            self.nan_count += nan_count
            self.infinite_count += values.size - int(finite.sum()) - nan_count
            values = values[finite]
        if not values.size:
            return
        self.zero_count += values.size - int(np.count_nonzero(values))
        self.minimum, self.maximum = min(self.minimum, float(values.min())), max(self.maximum, float(values.max()))
        wide = values.astype(np.float64)
        mean = float(wide.mean())
        total, away = self.count + wide.size, mean - self.mean
        self.squares += float(np.square(wide - mean).sum()) + away * away * self.count * wide.size / total
        self.mean += away * wide.size / total
        self.count = total


def stats_of(tensor: Tensor) -> Stats | None:
    """What the numbers of a tensor are like; None where they are no real numbers.

    Raises:
        CorruptFileError: The bytes are not there.
    """
    try:
        dtype = numpy_type(tensor.dtype)
    except KeptError:
        return None
    if dtype.kind not in "biuf" and not is_extended(tensor.dtype):
        return None
    total = _Sum()
    with np.errstate(all="ignore"):
        for piece in pieces(tensor):
            values: Array = np.frombuffer(piece, dtype)
            total.add(values.astype(np.float32) if is_extended(tensor.dtype) else values)
    if not total.count:
        return Stats(None, None, None, None, total.nan_count, total.infinite_count, total.zero_count)
    std = math.sqrt(total.squares / total.count)
    told = (total.minimum, total.maximum, total.mean, std)
    return Stats(*told, total.nan_count, total.infinite_count, total.zero_count)
