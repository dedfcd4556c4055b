"""Source text as Python read it: files, notebook cells, and where a code object stands in them."""

from __future__ import annotations

import ast
import io
import linecache
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

__all__ = [
    "Definition",
    "Function",
    "Node",
    "SourceFile",
    "dedent",
    "indent",
    "read",
    "remember",
    "same_code",
    "statements",
    "type_of_function",
]

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda

_FUTURE_MASK = 0x1FE0000
_REMEMBERED: dict[str, str] = {}
_PARSED: dict[tuple[str, str], SourceFile | None] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A class, function or lambda in the text that defines it.

    Attributes:
        node: Its syntax tree.
        enclosing: The classes and functions around it, outermost first.
        statement: The statement of the module that holds it.
        source: The file or cell it stands in.
    """

    node: Node
    enclosing: tuple[Node, ...]
    statement: ast.stmt
    source: SourceFile

    @property
    def name(self) -> str:
        """Its name, as a code object would say it."""
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def line(self) -> int:
        """The line it starts on, decorators included."""
        return _first_line(self.node)

    @property
    def text(self) -> str:
        """Its text without the indentation of the place it stands in."""
        return self.source.segment(self.node)

    @property
    def is_local(self) -> bool:
        """Whether it stands inside a function."""
        return any(isinstance(node, type_of_function) for node in self.enclosing)


@dataclass(slots=True, eq=False)
class SourceFile:
    """One text and its syntax tree.

    Attributes:
        name: File name, or what a notebook calls a cell.
        text: The text that was compiled.
        tree: Its syntax tree.
        definitions: Every class, function and lambda in it, in the order of the text.
    """

    name: str
    text: str
    tree: ast.Module
    definitions: list[Definition] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _codes: dict[int, list[CodeType]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lines = self.text.splitlines(keepends=True)
        for statement in self.tree.body:
            self.definitions.extend(self._defined_in(statement, (), statement))

    def _defined_in(self, node: ast.AST, enclosing: tuple[Node, ...], statement: ast.stmt) -> Iterator[Definition]:
        if isinstance(node, Node):
            yield Definition(node, enclosing, statement, self)
            enclosing = (*enclosing, node)
        for child in ast.iter_child_nodes(node):
            yield from self._defined_in(child, enclosing, statement)

    def segment(self, node: ast.AST, edits: dict[ast.expr, str] | None = None) -> str:
        """The text of `node`, dedented, with some expressions replaced.

        Args:
            node: A statement or expression of this file.
            edits: New texts for expressions inside `node`.
        """
        start, end = self._span(node)
        indentation = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        text = self.text[start:end]
        spans = sorted(((*self._span(expression), new) for expression, new in (edits or {}).items()), reverse=True)
        for first, last, new in spans:
            text = text[: first - start] + new + text[last - start :]
        return text if indentation.strip() else dedent(indentation + text)

    def definition_of(self, code: CodeType) -> Definition | None:
        """The definition that a code object compiled from this very text belongs to."""
        found = [d for d in self.definitions if d.name == code.co_name and d.line == code.co_firstlineno]
        if len(found) > 1:
            inside = [d for d in found if _covers(d.node, code)]
            found = sorted(inside or found, key=lambda d: len(d.enclosing), reverse=True)
        return found[0] if found else None

    def codes(self, flags: int = 0) -> list[CodeType]:
        """Every code object of the text, compiled with the `__future__` features in `flags`."""
        flags &= _FUTURE_MASK
        if flags not in self._codes:
            mode = flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            try:
                top = compile(self.text, self.name, "exec", flags=mode, dont_inherit=True)
            except (SyntaxError, ValueError):
                self._codes[flags] = []
            else:
                self._codes[flags] = list(_walk_codes(top))
        return self._codes[flags]

    def _span(self, node: ast.AST) -> tuple[int, int]:
        position: Any = node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
            first = _first_line(node)
            start = sum(map(len, self._lines[: first - 1])) + self._lines[first - 1].index("@")
        else:
            start = self._offset(position.lineno, position.col_offset)
        return start, self._offset(position.end_lineno, position.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        before = sum(map(len, self._lines[: line - 1]))
        return before + len(self._lines[line - 1].encode()[:column].decode())


def read(filename: str, module: dict[str, Any] | None = None) -> list[SourceFile]:
    """The texts a file name may stand for, most likely first; empty when there is none.

    A file that was edited after its import has two: the one Python still remembers and the one on disk.

    Args:
        filename: `co_filename` of a code object.
        module: The globals of the module, whose loader may know the text.
    """
    texts = [_REMEMBERED.get(filename, ""), "".join(linecache.getlines(filename, module)), _on_disk(filename)]
    parsed = [_parse(filename, text) for text in dict.fromkeys(texts) if text]
    return [source for source in parsed if source is not None]


def remember(filename: str) -> None:
    """Keeps the text that a file has now, for objects made from it that are saved after it was edited."""
    text = _on_disk(filename)
    if text:
        _REMEMBERED.setdefault(filename, text)


def _on_disk(filename: str) -> str:
    try:
        path = Path(filename)
        if filename.startswith("<") or not path.is_file():
            return ""
        with tokenize.open(path) as stream:
            return stream.read()
    except (OSError, SyntaxError, ValueError):
        return ""


def _parse(filename: str, text: str) -> SourceFile | None:
    text = text.replace("\r\n", "\n").replace("\f", " ")
    key = (filename, text)
    if key not in _PARSED:
        try:
            _PARSED[key] = SourceFile(filename, text, ast.parse(text))
        except (SyntaxError, ValueError, RecursionError):
            _PARSED[key] = None
    return _PARSED[key]


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run at module level, also those inside `if`, `try`, `with` and loops."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from statements(getattr(statement, name, []))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from statements(part.body)


def same_code(one: CodeType, other: CodeType) -> bool:
    """Whether two code objects do the same, wherever they stand."""
    names = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars")
    counts = ("co_name", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount")
    if any(getattr(one, name) != getattr(other, name) for name in names + counts):
        return False
    return len(one.co_consts) == len(other.co_consts) and all(map(_same_constant, one.co_consts, other.co_consts))


def _same_constant(one: object, other: object) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return same_code(one, other)
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return sorted(map(repr, one)) == sorted(map(repr, other))
    return type(one) is type(other) and repr(one) == repr(other)


def _walk_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _walk_codes(constant)


def _first_line(node: Node) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _covers(node: Node, code: CodeType) -> bool:
    body = node.body if isinstance(node, ast.Lambda) else node
    first = (body.lineno, body.col_offset)
    last = (body.end_lineno or 0, body.end_col_offset or 0)
    spans = [span for span in code.co_positions() if None not in span and span[3]]
    starts = [(span[0], span[2]) for span in spans if (span[0], span[2]) != (code.co_firstlineno, 0)]
    ends = [(span[1], span[3]) for span in spans]
    return bool(starts) and first <= min(starts) and max(ends) <= last


def dedent(text: str) -> str:
    """Takes the indentation of the first line from every line, string literals left as they are."""
    indentation = text[: len(text) - len(text.lstrip(" \t"))]
    if not indentation:
        return text
    inside = _lines_in_strings(f"if 1:\n{text}", 1)
    lines = text.split("\n")
    return "\n".join(line if number in inside else line.removeprefix(indentation) for number, line in enumerate(lines))


def indent(text: str, by: str = "    ") -> str:
    """Indents every line of code, string literals left as they are."""
    inside = _lines_in_strings(text, 0)
    return "\n".join(
        line if number in inside or not line.strip() else by + line for number, line in enumerate(text.split("\n"))
    )


def _lines_in_strings(text: str, skipped: int) -> set[int]:
    inside: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
            kind = tokenize.tok_name[token.type]
            if kind == "STRING":
                inside.update(range(token.start[0], token.end[0]))
            elif kind in ("FSTRING_START", "TSTRING_START"):
                opened.append(token.start[0])
            elif kind in ("FSTRING_END", "TSTRING_END"):
                inside.update(range(opened.pop(), token.end[0]))
    except (tokenize.TokenError, IndentationError):
        return set()
    return {line - skipped for line in inside}
