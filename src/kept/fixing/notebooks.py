"""The code of a Jupyter notebook as one text, and back into the JSON, of which no other byte changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.decoder import JSONDecoder

from kept.errors import KeptError
from kept.source.notebooks import notebook

__all__ = ["NotebookFile"]

_SPACE = re.compile(r"[ \t\r\n]*")
_HEAD = "# kept-notebook"
_CELL = "# kept-cell "
_LINE = re.compile(r"[ \t]*# kept-line (\d+)$")


@dataclass(frozen=True, slots=True)
class _Cell:
    """The source of one code cell.

    Attributes:
        start: Where its JSON begins.
        end: Where it ends.
        source: Its lines, each with its line feed.
        code: The same number of lines as Python reads them; None where the cell cannot be parsed.
    """

    start: int
    end: int
    source: tuple[str, ...]
    code: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A notebook.

    In `text` a comment begins each cell, and one ends each line that only IPython understands.

    Attributes:
        raw: The JSON.
        cells: The code cells that can be parsed.
        bom: Whether the file begins with a byte order mark.
    """

    raw: str
    cells: tuple[_Cell, ...]
    bom: bool = False

    @classmethod
    def read(cls, raw: str, *, bom: bool = False) -> NotebookFile:
        """Reads a notebook.

        Raises:
            KeptError: It is none.
        """
        known = {cell.number: cell for cell in notebook(raw).cells}
        cells = []
        for number, start, end in _sources(raw):
            if number not in known:
                continue
            value = json.loads(raw[start:end])
            source = "".join(value) if isinstance(value, list) else str(value)
            code = None if known[number].error else tuple(known[number].text.splitlines())
            lines = tuple(source.splitlines(keepends=True))
            if code is None or len(code) == len(lines):
                cells.append(_Cell(start, end, lines, code))
        return cls(raw, tuple(cells), bom)

    @property
    def text(self) -> str:
        """The code of all cells, one below the other."""
        lines = [_HEAD]  # two lines of comments: what a cell declares as its encoding is none
        for number, cell in enumerate(self.cells):
            lines.append(f"{_CELL}{number}")
            for at, (code, source) in enumerate(zip(cell.code or (), cell.source, strict=False)):
                same = code == source.rstrip("\r\n")
                lines.append(code if same else f"{code}  # kept-line {at}")
        return "\n".join(lines) + "\n"

    def encoded(self, text: str) -> bytes:
        """Code as the bytes of a Python file."""
        return text.encode()

    def written(self, text: str) -> bytes:
        """The notebook with other code."""
        parts: dict[int, list[str]] = {}
        number = -1
        for line in text.splitlines():
            if line.startswith(_CELL):
                number = int(line.removeprefix(_CELL))
            parts.setdefault(number, []).append(line)
        before = [line for line in parts.pop(-1, []) if line != _HEAD]
        made, position = [], 0
        for at, cell in enumerate(self.cells):
            lines = [_restored(line, cell) for line in [*(before if at == 0 else []), *parts.get(at, [])[1:]]]
            made.append(self.raw[position : cell.start])
            made.append(self._json(cell, lines))
            position = cell.end
        return (("\ufeff" if self.bom else "") + "".join(made) + self.raw[position:]).encode()

    def _json(self, cell: _Cell, lines: list[str]) -> str:
        """The source of a cell, laid out as it was."""
        raw = self.raw[cell.start : cell.end]
        if cell.code is None or lines == [one.rstrip("\r\n") for one in cell.source]:
            return raw
        ending = "" if cell.source and not cell.source[-1].endswith("\n") else "\n"
        whole = [f"{line}\n" for line in lines[:-1]] + [lines[-1] + ending]
        ascii_only = self.raw.isascii()
        if not raw.startswith("["):
            return json.dumps("".join(whole), ensure_ascii=ascii_only)
        known = {value: raw[start:end] for value, start, end in _elements(raw)}
        tokens = [known.get(line) or json.dumps(line, ensure_ascii=ascii_only) for line in whole]
        opening, between, closing = _layout(raw)
        return f"[{opening}{between.join(tokens)}{closing}]"


def _restored(line: str, cell: _Cell) -> str:
    """A line as IPython understands it."""
    marked = _LINE.search(line)
    return cell.source[int(marked[1])].rstrip("\r\n") if marked else line


def _elements(raw: str) -> Iterator[tuple[str, int, int]]:
    """The texts of a list, each with where it stands."""
    for _, start, end in _members(raw, 0):
        yield json.loads(raw[start:end]), start, end


def _layout(raw: str) -> tuple[str, str, str]:
    """What stands after the bracket of a list, between two elements and before the last bracket."""
    spans = [(start, end) for _, start, end in _members(raw, 0)]
    if not spans:
        return "", ", ", ""
    opening, closing = raw[1 : spans[0][0]], raw[spans[-1][1] : -1]
    between = raw[spans[0][1] : spans[1][0]] if len(spans) > 1 else f",{opening or ' '}"
    return opening, between, closing


def _sources(raw: str) -> Iterator[tuple[int, int, int]]:
    """Number of each code cell, from 1 over all cells, and where its source begins and ends."""
    number = 0
    top = _object(raw, _skip(raw, 0))
    sheets = [span for span in [top.get("worksheets")] if span]
    holders = [start for sheet in sheets for _, start, _ in _members(raw, sheet[0])] or [_skip(raw, 0)]
    for holder in holders:
        for _, start, _ in _members(raw, _object(raw, holder)["cells"][0]):
            number += 1
            cell = _object(raw, start)
            source = cell.get("source") or cell.get("input")
            kind = cell.get("cell_type")
            if source and kind and json.loads(raw[kind[0] : kind[1]]) == "code":
                yield number, *source


def _object(raw: str, start: int) -> Mapping[str, tuple[int, int]]:
    """Key -> where its value begins and ends; of a key that is given twice, the last."""
    return {key: (begin, end) for key, begin, end in _members(raw, start)}


def _members(raw: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The members of the list or object that begins at a place: key (empty in a list), begin and end of the value."""
    decoder = JSONDecoder()
    is_object = raw[start] == "{"
    if raw[start] not in "[{":
        raise KeptError("is no notebook: its cells are not a list of objects")
    position = _skip(raw, start + 1)
    while raw[position] not in "]}":
        key = ""
        if is_object:
            key, position = decoder.raw_decode(raw, position)
            position = _skip(raw, _skip(raw, position) + 1)
        _, end = decoder.raw_decode(raw, position)
        yield key, position, end
        position = _skip(raw, end)
        if raw[position] == ",":
            position = _skip(raw, position + 1)


def _skip(raw: str, position: int) -> int:
    found = _SPACE.match(raw, position)
    return found.end() if found else position
