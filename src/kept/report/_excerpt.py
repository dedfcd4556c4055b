"""A line of source cut to the width of a terminal, with the columns that a mark below it must cover."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from kept.findings import Location

__all__ = ["Excerpt", "excerpt"]

_TAB = 4
_LEFT_OUT = "..."


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What of a line is shown.

    Attributes:
        text: The line or a part of it; tabs are spaces, and what would control a terminal is a replacement character.
        offset: Cells of a terminal before the mark.
        length: Cells of the mark; 0 when no column is known.
    """

    text: str
    offset: int = 0
    length: int = 0


def excerpt(location: Location, width: int) -> Excerpt:
    """The part of a line around its mark that fits into `width` cells."""
    pieces = _pieces(location.text.rstrip())
    begin = min(max(location.column - 1, 0), len(pieces))
    end = min(max(location.end_column - 1, begin + 1), len(pieces)) if location.column else begin
    first, last = 0, len(pieces)
    if _cells(pieces) > width:
        first = _first(pieces, begin, end, width)
        last = _last(pieces, first, width)
    lead = _LEFT_OUT if first else ""
    trail = _LEFT_OUT if last < len(pieces) else ""
    mark = _cells(pieces[begin : min(end, last)])
    return Excerpt(
        f"{lead}{''.join(pieces[first:last])}{trail}",
        len(lead) + _cells(pieces[first:begin]) if mark else 0,
        mark,
    )


def _pieces(text: str) -> list[str]:
    """One string for each character, as it is shown."""
    pieces: list[str] = []
    column = 0
    for one in text:
        shown = " " * (_TAB - column % _TAB) if one == "\t" else one if one.isprintable() else "\ufffd"
        column += cell_len(shown)
        pieces.append(shown)
    return pieces


def _cells(pieces: list[str]) -> int:
    return sum(map(cell_len, pieces))


def _first(pieces: list[str], begin: int, end: int, width: int) -> int:
    """Where to begin so that the mark, or at least its beginning, is seen with what stands before it."""
    if _cells(pieces[:end]) <= width - len(_LEFT_OUT):
        return 0
    first = begin
    while first and _cells(pieces[first - 1 : end]) <= width * 2 // 3:
        first -= 1
    while first and _cells(pieces[first - 1 :]) <= width - len(_LEFT_OUT):
        first -= 1
    return first


def _last(pieces: list[str], first: int, width: int) -> int:
    room = width - (len(_LEFT_OUT) if first else 0)
    if _cells(pieces[first:]) <= room:
        return len(pieces)
    last = first
    while last < len(pieces) and _cells(pieces[first : last + 1]) <= room - len(_LEFT_OUT):
        last += 1
    return last
