"""The bytes of a file as source to judge, or as the finding that it cannot be read."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace

from kept.errors import KeptError
from kept.findings import Finding, Fix, Location
from kept.rules.source.unreadable_source import RULE
from kept.source.files import decoded, is_notebook, module_name
from kept.source.module import Module, parse
from kept.source.notebooks import Cell, Notebook, notebook

__all__ = ["Reading", "read"]

_STOCK = "raises SyntaxError where Python imports it"
_FIX = Fix("write it so that Python can read it")


@dataclass(frozen=True, slots=True)
class Reading:
    """One file, read.

    Attributes:
        path: As it is shown.
        module: What can be judged; None where nothing can.
        findings: What cannot be read of it.
        cells: The notebook that it is; None for other files.
    """

    path: str
    module: Module | None = None
    findings: tuple[Finding, ...] = ()
    cells: Notebook | None = None

    def place(self, line: int) -> tuple[str, int]:
        """Path and line that are shown for a line of the module's text."""
        if self.cells is None or not self.cells.cells:
            return self.path, line
        cell, there = self.cells.place(line)
        return _shown(self.path, cell), there

    def line(self, location: Location) -> int:
        """The line of the module's text that is shown as a location."""
        cells = self.cells.cells if self.cells else ()
        first = next((cell.first_line for cell in cells if _shown(self.path, cell) == location.file), 1)
        return first + location.line - 1


def read(path: str, content: bytes | OSError, packages: dict[str, str]) -> Reading:
    """Reads one file.

    Args:
        path: As it is shown.
        content: What is in it, or why that is not known.
        packages: See `module_name`.
    """
    try:
        if isinstance(content, OSError):
            raise content
        text = decoded(content)
        return _notebook(path, text) if is_notebook(path) else Reading(path, _parsed(text, path, packages))
    except SyntaxError as error:
        finding = _of_syntax(path, error)
    except OSError as error:
        finding = _unreadable(Location(path), f"cannot be read: {error.strerror or error}")
    except KeptError as error:
        finding = _unreadable(Location(path), error.message)
    except (RecursionError, MemoryError):
        finding = _unreadable(Location(path), "cannot be parsed: it is nested too deeply")
    except ValueError as error:
        finding = _unreadable(Location(path), f"cannot be parsed: {error}")
    return Reading(path, findings=(finding,))


def _parsed(text: str, path: str, packages: dict[str, str]) -> Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse(text, path, module_name(path, packages), is_package=os.path.basename(path) == "__init__.py")


def _notebook(path: str, text: str) -> Reading:
    cells = notebook(text)
    broken = [_of_syntax(_shown(path, cell), cell.error) for cell in cells.cells if cell.error is not None]
    reading = Reading(path, None, tuple(broken), cells)
    return replace(reading, module=parse(cells.text, path, place=reading.place))


def _shown(path: str, cell: Cell) -> str:
    return f"{path}:cell {cell.number}"


def _of_syntax(path: str, error: SyntaxError) -> Finding:
    line, text = error.lineno or 0, (error.text or "").split("\n")[0]
    column = error.offset or 0 if error.offset and error.offset > 0 and line else 0
    end = error.end_offset or 0 if error.end_lineno == line and (error.end_offset or 0) > column else 0
    location = Location(path, line, column, end or (column + 1 if column else 0), text)
    return _unreadable(location, f"cannot be parsed: {error.msg}")


def _unreadable(location: Location, message: str) -> Finding:
    message = f"this {'cell' if ':cell ' in location.file else 'file'} {message}"
    return RULE.finding(message, location=location, stock=_STOCK, fix=_FIX)
