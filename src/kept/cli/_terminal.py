"""What the terminal at the other end can show."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

import click

__all__ = ["colour", "hand_over", "refuse_page", "tell", "width"]

_NARROW, _WIDE = 66, 110


def width(stream: TextIO) -> int:
    """Columns to fill: 80 unless a terminal says otherwise."""
    if not stream.isatty():
        return 80
    return min(max(shutil.get_terminal_size().columns, _NARROW), _WIDE)


def colour(stream: TextIO) -> bool:
    """Whether colour has a meaning there (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def tell(text: str, *, err: bool = False) -> None:
    """Writes to standard output or error; what it cannot hold, such as bytes in the name of a file, is escaped."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace"), nl=False, err=err, color=True)


def refuse_page(output: str, file: str | None) -> None:
    """Refuses to pour a page over a terminal.

    Raises:
        UsageError: That is what was asked for.
    """
    if output == "html" and file is None and sys.stdout.isatty():
        raise click.UsageError("a page is for a browser: name a file, as in -o model.html")


def hand_over(told: str, file: str | None) -> None:
    """Writes a report to a file, or to standard output where none is named.

    Raises:
        WriteError: The file cannot be written.
    """
    from kept.errors import WriteError

    if file is None:
        tell(told)
        return
    try:
        with open(file, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(told)
    except OSError as error:
        raise WriteError("the report cannot be written", path=file, found=error.strerror or str(error)) from error
