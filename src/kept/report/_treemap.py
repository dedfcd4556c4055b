"""Rectangles whose areas are sizes, as square as they can be.

After Bruls, Huizing and van Wijk, "Squarified treemaps" (2000).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Tile", "squarified"]


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def squarified(sizes: Sequence[float], whole: Tile) -> Iterator[Tile]:
    """One tile for each size, in order, which fill `whole` together.

    Args:
        sizes: More than zero, the largest first.
        whole: What is divided.
    """
    left, total = whole, sum(sizes)
    begin = 0
    while begin < len(sizes):
        short = min(left.width, left.height)
        scale = left.width * left.height / total if total > 0 else 0.0
        end = _row_end(sizes, begin, short, scale)
        row = sizes[begin:end]
        share = sum(row)
        across = left.width >= left.height
        thick = (left.width if across else left.height) * (share / total if total > 0 else 1.0)
        yield from _row(row, share, left, thick, across)
        if across:
            left = Tile(left.x + thick, left.y, max(left.width - thick, 0.0), left.height)
        else:
            left = Tile(left.x, left.y + thick, left.width, max(left.height - thick, 0.0))
        total -= share
        begin = end


def _row_end(sizes: Sequence[float], begin: int, short: float, scale: float) -> int:
    """Where the row ends that begins there: before the tile that would make its worst one less square."""
    area, worst = 0.0, float("inf")
    for end in range(begin, len(sizes)):
        area += sizes[end] * scale
        side = short * short
        with_it = max(side * sizes[begin] * scale / (area * area), area * area / (side * sizes[end] * scale)) if (
            area > 0 and side > 0
        ) else worst  # fmt: skip
        if end > begin and with_it > worst:
            return end
        worst = with_it
    return len(sizes)


def _row(row: Sequence[float], share: float, left: Tile, thick: float, across: bool) -> Iterator[Tile]:
    at = left.y if across else left.x
    for size in row:
        long = (left.height if across else left.width) * (size / share if share > 0 else 1 / len(row))
        yield Tile(left.x, at, thick, long) if across else Tile(at, left.y, long, thick)
        at += long
