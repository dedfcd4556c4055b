"""Where the megabytes of a file are: a treemap of its layers, and of what is beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kept.report import Inspection
from kept.report._boxes import Box, printable
from kept.report._style import count, size
from kept.report._treemap import Tile, squarified

__all__ = ["Area", "areas"]

# The page on which it is laid out, in points; what is drawn follows the window.
_PAGE = Tile(0, 0, 1100, 680)
_HEAD, _EDGE = 20.0, 2.0
_LEAST_AREA, _LEAST_GROUP = 300.0, (110.0, 76.0)
_LEAST_TEXT = (44.0, 18.0)
_SHADES = 5


@dataclass(frozen=True, slots=True)
class Area:
    """One rectangle, in percent of the one that it is in.

    Attributes:
        x: Of its left.
        y: Of its top.
        width: Up to 100.
        height: Up to 100.
        label: What it is.
        size: How large that is, for people.
        title: The same in full.
        kind: `layer`, `group`, `own` (tensors of a group itself), `rest` or `beside`.
        index: Of the box; None where it is none.
        shade: 1 for little of the file up to 5 for most.
        has_text: Whether there is room for a label.
        inside: What it is divided into.
    """

    x: float
    y: float
    width: float
    height: float
    label: str
    size: str
    title: str
    kind: str
    index: int | None = None
    shade: int = 1
    has_text: bool = False
    inside: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    nbytes: int
    label: str
    kind: str
    index: int | None = None


def areas(one: Inspection, boxes: Sequence[Box]) -> tuple[Area, ...]:
    """The treemap of a file; empty where it holds no bytes."""
    parts = _inside(boxes, 0)
    beside = [
        (sum(tensor.nbytes for tensor in one.others), "tensors of no layer"),
        (one.compiled.nbytes if one.compiled else 0, _state(one)),
        (sum(len(source.text) for source in one.sources), "embedded source"),
        *((nbytes, printable(name)) for name, nbytes in one.assets.items()),
    ]
    parts += [_Part(nbytes, label, "beside") for nbytes, label in beside if nbytes > 0]
    largest = max((box.nbytes for box in boxes if not box.kids), default=0)
    return _divided(parts, _PAGE, boxes, max(largest, 1))


def _state(one: Inspection) -> str:
    return f"state of {printable(one.compiled.optimizer) or 'the optimizer'}" if one.compiled else ""


def _inside(boxes: Sequence[Box], index: int) -> list[_Part]:
    """What a box is divided into: those in it, and its own tensors beside them."""
    box = boxes[index]
    parts = [_Part(boxes[kid].nbytes, boxes[kid].name, "layer", kid) for kid in box.kids if boxes[kid].nbytes]
    own = sum(tensor.nbytes for tensor in box.layer.tensors)
    return parts + ([_Part(own, f"{box.name} itself", "own", index)] if own else [])


def _divided(parts: list[_Part], whole: Tile, boxes: Sequence[Box], largest: int) -> tuple[Area, ...]:
    parts = _merged(sorted(parts, key=lambda part: -part.nbytes), whole)
    tiles = squarified([part.nbytes for part in parts], whole)
    return tuple(_area(part, tile, whole, boxes, largest) for part, tile in zip(parts, tiles, strict=True))


def _merged(parts: list[_Part], whole: Tile) -> list[_Part]:
    """Parts too small to be seen as one."""
    total = sum(part.nbytes for part in parts)
    room = whole.width * whole.height
    small = [part for part in parts if part.nbytes * room < _LEAST_AREA * total]
    if len(small) < 2:
        return parts
    seen = [part for part in parts if part.nbytes * room >= _LEAST_AREA * total]
    rest = _Part(sum(part.nbytes for part in small), count(len(small), "smaller one"), "rest")
    return sorted([*seen, rest], key=lambda part: -part.nbytes)


def _area(part: _Part, tile: Tile, whole: Tile, boxes: Sequence[Box], largest: int) -> Area:
    inside: tuple[Area, ...] = ()
    kids = boxes[part.index].kids if part.kind == "layer" and part.index is not None else []
    if kids and tile.width > _LEAST_GROUP[0] and tile.height > _LEAST_GROUP[1]:
        room = Tile(0, 0, tile.width - 2 * _EDGE, tile.height - _HEAD - _EDGE)
        inside = _divided(_inside(boxes, part.index or 0), room, boxes, largest)
    return Area(
        x=round(100 * (tile.x - whole.x) / whole.width, 3),
        y=round(100 * (tile.y - whole.y) / whole.height, 3),
        width=round(100 * tile.width / whole.width, 3),
        height=round(100 * tile.height / whole.height, 3),
        label=part.label,
        size=size(part.nbytes),
        title=f"{part.label}: {size(part.nbytes)}",
        kind="group" if inside else part.kind,
        index=part.index,
        shade=_shade(part.nbytes / largest),
        has_text=tile.width > _LEAST_TEXT[0] and tile.height > _LEAST_TEXT[1],
        inside=inside,
    )


def _shade(share: float) -> int:
    """From 1 to 5; half as much again makes no other shade, four times as much does."""
    return next((shade for shade in range(_SHADES, 1, -1) if share >= 4.0 ** (shade - _SHADES) * 0.6), 1)
