"""The bytes of a file as source to judge, or as the finding that it cannot be read."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from kept.errors import KeptError
from kept.findings import Finding, Location
from kept.rules.source.unreadable_source import RULE
from kept.source.files import decoded, is_notebook, module_name
from kept.source.module import Module, parse
from kept.source.notebooks import Notebook, notebook

__all__ = ["Reading", "read"]

_STOCK = "raises SyntaxError where Python imports it"
_TOO_DEEP = "is nested too deeply"


@dataclass(frozen=True, slots=True)
class Reading:
    """One file, read.

    Attributes:
        module: What can be judged; None where nothing can.
        findings: What cannot be read of it.
        place: Line of the module's text -> path and line that are shown.
    """

    module: Module | None
    findings: tuple[Finding, ...]
    place: Callable[[int], tuple[str, int]]


def read(path: str, content: bytes | OSError, packages: dict[str, str]) -> Reading:
    """Reads one file.

    Args:
        path: As it is shown.
        content: What is in it, or why that is not known.
        packages: See `module_name`.
    """
    def place(line: int) -> tuple[str, int]:
        return path, line

    findings: list[Finding] = []
    module = None
    try:
        if isinstance(content, OSError):
            raise content
        text = decoded(content)
        if is_notebook(path):
            cells = notebook(text)
            place = _place(path, cells)
            findings = [
                _of_syntax(f"{path}:cell {cell.number}", cell.error) for cell in cells.cells if cell.error is not None
            ]
            text = cells.text
        module = _parsed(text, path, packages, place)
    except SyntaxError as error:
        findings.append(_of_syntax(path, error))
    except OSError as error:
        findings.append(_unreadable(Location(path), f"it cannot be read: {error.strerror or error}"))
    except KeptError as error:
        findings.append(_unreadable(Location(path), f"it {error.message}"))
    except (RecursionError, MemoryError):
        findings.append(_unreadable(Location(path), f"it {_TOO_DEEP}"))
    except ValueError as error:
        findings.append(_unreadable(Location(path), f"it cannot be parsed: {error}"))
    return Reading(module, tuple(findings), place)


def _parsed(text: str, path: str, packages: dict[str, str], place: Callable[[int], tuple[str, int]]) -> Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse(
            text,
            path,
            module_name(path, packages),
            is_package=os.path.basename(path) == "__init__.py",
            place=place if is_notebook(path) else None,
        )


def _place(path: str, cells: Notebook) -> Callable[[int], tuple[str, int]]:
    def place(line: int) -> tuple[str, int]:
        if not cells.cells:
            return path, line
        cell, there = cells.place(line)
        return f"{path}:cell {cell.number}", there

    return place


def _of_syntax(path: str, error: SyntaxError) -> Finding:
    line, text = error.lineno or 0, (error.text or "").split("\n")[0]
    column = error.offset or 0 if error.offset and error.offset > 0 and line else 0
    end = error.end_offset or 0 if error.end_lineno == line and (error.end_offset or 0) > column else 0
    location = Location(path, line, column, end or (column + 1 if column else 0), text)
    return _unreadable(location, f"it cannot be parsed: {error.msg}")


def _unreadable(location: Location, message: str) -> Finding:
    return RULE.finding(message, location=location, stock=_STOCK)
