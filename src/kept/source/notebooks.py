"""Jupyter notebooks as Python source: the code cells share one namespace, so they are read as one module.

Lines that only IPython understands are put out of the way without moving any other: `%matplotlib inline`, `!pip ...`,
`model?` and whole cells below `%%bash` become `pass` or nothing; what follows `%time` or `%%time` is Python and stays.
"""

from __future__ import annotations

import ast
import bisect
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import KeptError

__all__ = ["Cell", "Notebook", "notebook"]

_TIMED = "time|timeit|prun|capture|memit|mprun|lprun"
_CODE_CELL = re.compile(rf"%%(?:{_TIMED}|python3?)\b")
_MEASURED = re.compile(rf"([ \t]*)(%(?:{_TIMED})\s+)(?![-%!])(?=\S)")
_COMMAND = re.compile(r"([ \t]*)(?:[%!?,;/]|[\w.\[\]]+\?{1,2}[ \t]*$)")
_ASSIGNED = re.compile(r"([ \t]*[\w.,\[\] \t]+=[ \t]*)[%!]")
_TOKEN = re.compile(
    r"""(?P<long>'{3}|"{3})|(?P<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?P<comment>\#.*)|(?P<bracket>[()\[\]{}])"""
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.

    Attributes:
        number: From 1, counted over all cells of the notebook, those of text too.
        text: Its code as Python can parse it; ends in a newline, empty where it cannot be parsed.
        first_line: Where it begins in the text of the notebook, from 1.
        error: Why it cannot be parsed; None where it can.
    """

    number: int
    text: str
    first_line: int
    error: SyntaxError | None = None


@dataclass(frozen=True, slots=True)
class Notebook:
    """The code of a notebook.

    Attributes:
        cells: The code cells, in order.
    """

    cells: tuple[Cell, ...] = ()
    _firsts: list[int] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._firsts.extend(cell.first_line for cell in self.cells)

    @property
    def text(self) -> str:
        """All code cells as one module."""
        return "".join(cell.text for cell in self.cells)

    def place(self, line: int) -> tuple[Cell, int]:
        """The cell in which a line of `text` stands, and its line there, both from 1."""
        cell = self.cells[max(bisect.bisect_right(self._firsts, line) - 1, 0)]
        return cell, line - cell.first_line + 1


def notebook(text: str) -> Notebook:
    """The code cells of a notebook, which is JSON of version 3 or 4; none where its language is not Python.

    Raises:
        KeptError: It is no notebook.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KeptError(f"is no notebook: {error}") from error
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document):
        raise KeptError("is no notebook: it has no cells")
    cells: list[Cell] = []
    line = 1
    if _language(document) not in ("python", "ipython"):
        return Notebook()
    for number, source in _sources(document):
        cells.append(_cell(number, source, line))
        line += cells[-1].text.count("\n")
    return Notebook(tuple(cells))


def _language(document: dict[str, Any]) -> str:
    metadata = document.get("metadata")
    for key in ("language_info", "kernelspec"):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        name = about.get("name" if key == "language_info" else "language") if isinstance(about, dict) else None
        if isinstance(name, str) and name:
            return name.lower()
    return "python"


def _sources(document: dict[str, Any]) -> Iterator[tuple[int, str]]:
    sheets = document.get("worksheets", [document])
    cells = [cell for sheet in sheets for cell in sheet["cells"]] if _are_lists(sheets) else None
    if cells is None or not all(isinstance(cell, dict) for cell in cells):
        raise KeptError("is no notebook: its cells are not a list of objects")
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list) and all(isinstance(one, str) for one in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise KeptError(f"is no notebook: the source of cell {number} is not text")
        yield number, source.replace("\r\n", "\n").replace("\r", "\n")


def _are_lists(sheets: Any) -> bool:
    return isinstance(sheets, list) and all(
        isinstance(sheet, dict) and isinstance(sheet.get("cells"), list) for sheet in sheets
    )


def _cell(number: int, source: str, first_line: int) -> Cell:
    text = source if source.endswith("\n") else f"{source}\n"
    error = _error(text)
    if error is not None:
        text = "".join(f"{line}\n" for line in _without_commands(text.split("\n")[:-1]))
        error = _error(text)
    return Cell(number, "\n" if error else text, first_line, error)


def _error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or type(error).__name__)
    return None


def _without_commands(lines: list[str]) -> Iterator[str]:
    """The lines of a cell, of the same number, with what only IPython understands put out of the way."""
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not _CODE_CELL.match(first):
        yield from ("" for _ in lines)
        return
    depth, quote, continued, commanded = 0, "", False, False
    for line in lines:
        new = line
        if commanded:
            new = ""
        elif not depth and not quote and not continued:
            new = "" if line.startswith("%%") else _without_command(line)
        depth, quote = _after(new, depth, quote)
        continued = line.endswith("\\") and new.endswith("\\")
        commanded = line.endswith("\\") and not new.endswith("\\")
        yield new


def _without_command(line: str) -> str:
    if measured := _MEASURED.match(line):
        indent, command = measured.groups()
        return f"{indent}0;".ljust(len(indent) + len(command)) + line[measured.end() :]
    if command_line := _COMMAND.match(line):
        return f"{command_line[1]}pass"
    if assigned := _ASSIGNED.match(line):
        return f"{assigned[1]}None"
    return line


def _after(line: str, depth: int, quote: str) -> tuple[int, str]:
    """How many brackets, and which triple quotes, are open after a line."""
    position = 0
    while position < len(line):
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return depth, quote
            position, quote = end + 3, ""
            continue
        found = _TOKEN.search(line, position)
        if not found:
            break
        position = found.end()
        if found["comment"]:
            break
        quote = found["long"] or ""
        if found["bracket"]:
            depth += 1 if found["bracket"] in "([{" else -1
    return max(depth, 0), quote
