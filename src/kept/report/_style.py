"""How lines for people are drawn: wrapped, counted, and in colour only where that has a meaning."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console
from rich.text import Text

from kept.findings import Severity

__all__ = [
    "BAD",
    "COLOURS",
    "DOUBTFUL",
    "FAINT",
    "GOOD",
    "count",
    "drawn",
    "labelled",
    "safe",
    "shape_text",
    "size",
    "wrapped",
]

GOOD, DOUBTFUL, BAD, FAINT = "green", "dark_orange3", "red", "bright_black"
COLOURS = {Severity.ERROR: BAD, Severity.WARNING: DOUBTFUL, Severity.NOTE: "blue"}


def drawn(lines: Iterable[Text], colour: bool) -> str:
    """Lines as one string, each with its end."""
    if not colour:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    console = Console(file=StringIO(), force_terminal=True, color_system="256", no_color=False, highlight=False)
    with console.capture() as capture:
        for line in lines:
            console.print(line, soft_wrap=True)
    return capture.get()


def wrapped(text: str, width: int, first: str, others: str) -> list[str]:
    """Text broken between words; only a word may be longer than a line."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def count(number: int, noun: str) -> str:
    """`1 file`, `41 files`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def size(nbytes: int) -> str:
    """A number of bytes in decimal units: `864 B`, `12.4 MB`."""
    value = float(nbytes)
    for unit in ("B", "kB", "MB"):
        if value < 999.95 or (unit == "B" and value < 1000):
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def safe(text: str) -> str:
    """Text from a file as it may stand on a terminal: what is not printed is escaped."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def shape_text(shape: tuple[int | None, ...]) -> str:
    """As Python writes it: `(None, 8, 8, 3)`."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def labelled(label: str, text: str, width: int) -> Iterator[Text]:
    """A text below others, after what it is."""
    for line in wrapped(text, width, f"  {label:<9} ", " " * 12):
        yield Text.assemble((line[:11], FAINT), line[11:])
