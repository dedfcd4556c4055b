"""One file of Python source, parsed, with an index of what rules look at."""

from __future__ import annotations

import ast
import bisect
import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from kept.findings import Location
from kept.source.names import Names, chain, last_part
from kept.source.walking import listed, own_nodes, parent

if TYPE_CHECKING:
    from kept.source.catalogue import KerasClass
    from kept.source.classes import ClassModel
    from kept.source.project import Project

__all__ = ["Function", "Module", "Scope", "parse"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_LINE_END = re.compile(r"\r\n|\r|\n")  # what Python counts; `splitlines` knows more
_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_NOTED = frozenset({ast.Call, ast.Attribute, ast.Import, ast.ImportFrom, *_SCOPES})


class Module:
    """A parsed file.

    Attributes:
        path: As it is shown.
        name: Dotted name under which it is imported; empty for a notebook or stdin.
        text: The source; cells of a notebook one below the other.
        tree: Its syntax.
        names: What its names stand for.
        project: The files that are read together with it.
        class_nodes: Every class statement, nested ones too, in order.
        functions: Every function, methods too, in order.
        calls: Every call, in order of the statements.
        attributes_set: Every attribute that is assigned, of anything but `self`.
        lambdas: Every lambda, in order.
    """

    def __init__(
        self, path: str, name: str, text: str, tree: ast.Module, *, is_package: bool = False,
        place: Callable[[int], tuple[str, int]] | None = None,
    ) -> None:  # fmt: skip
        self.path = path
        self.name = name
        self.text = text
        self.tree = tree
        self.names = Names(name, is_package=is_package)
        self.project: Project
        self.class_nodes: list[ast.ClassDef] = []
        self.functions: list[Function] = []
        self.calls: list[ast.Call] = []
        self.attributes_set: list[ast.Attribute] = []
        self.lambdas: list[ast.Lambda] = []
        self._place = place
        self._dotted: dict[ast.AST, str | None] = {}
        self._index()

    def _index(self) -> None:
        for node in listed(self.tree):
            if node.__class__ in _NOTED:
                self._note(node)
        body = self.tree.body
        self.names.defined(one.name for one in body if isinstance(one, (ast.ClassDef, *_SCOPES[1:3])))
        for statement in body:
            if isinstance(statement, ast.Assign):
                self.names.aliased(statement)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            self.calls.append(node)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Store) and getattr(node.value, "id", "") != "self":
                self.attributes_set.append(node)
        elif isinstance(node, ast.ClassDef):
            self.class_nodes.append(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.functions.append(node)
        elif isinstance(node, ast.Lambda):
            self.lambdas.append(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.names.imported(node)

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line, without line ends."""
        return _LINE_END.split(self.text)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around another; None for the module itself."""
        return parent(node)

    def scope_of(self, node: ast.AST) -> Scope | None:
        """The class or function around a node, by where it stands; None at the top of the module."""
        position = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        starts, scopes, outer = self._scopes
        index: int | None = bisect.bisect_right(starts, position) - 1
        while index is not None and index >= 0:
            scope = scopes[index]
            if scope is not node and position < (scope.end_lineno or 0, scope.end_col_offset or 0):
                return scope
            index = outer[index]
        return None

    @cached_property
    def _scopes(self) -> tuple[list[tuple[int, int]], list[Scope], list[int | None]]:
        """Where each class and function starts, in order, and the number of the one around it."""
        scopes: list[Scope] = [*self.class_nodes, *self.functions, *self.lambdas]
        scopes.sort(key=lambda one: (one.lineno, one.col_offset))
        outer: list[int | None] = []
        around: list[int] = []
        for index, one in enumerate(scopes):
            start = (one.lineno, one.col_offset)
            while around and (scopes[around[-1]].end_lineno or 0, scopes[around[-1]].end_col_offset or 0) <= start:
                around.pop()
            outer.append(around[-1] if around else None)
            around.append(index)
        return [(one.lineno, one.col_offset) for one in scopes], scopes, outer

    def dotted(self, node: ast.AST) -> str | None:
        """What `a.b.c` stands for, such as `keras.layers.Dense`; None where that is unknown.

        A name that a function around the node binds itself (a parameter, a variable) stands for nothing known.
        """
        if node not in self._dotted:
            self._dotted[node] = self._stands_for(node)
        return self._dotted[node]

    def _stands_for(self, node: ast.AST) -> str | None:
        found = self.names.dotted(node)
        if found is None:
            return None
        return None if self.is_local((chain(node) or [""])[0], node) else found

    def is_local(self, name: str, node: ast.AST) -> bool:
        """Whether a function around a node binds a name itself."""
        scope = self.scope_of(node)
        while scope is not None:
            if not isinstance(scope, ast.ClassDef) and name in self._locals(scope):
                return True
            scope = self.scope_of(scope)
        return False

    def class_of(self, node: ast.AST) -> ClassModel | KerasClass | None:
        """The class that an expression names: of this file, of another, or of Keras; None where that is unknown."""
        parts = chain(node)
        if parts is None:
            return None
        namesakes = self._classes_named.get(parts[0], ()) if len(parts) == 1 else ()
        scope = self.scope_of(node) if namesakes else None
        while scope is not None:
            for one in namesakes:
                if self.scope_of(one.node) is scope and one.node is not scope:
                    return one
            scope = self.scope_of(scope)
        found = self.dotted(node)
        return None if found is None else self.project.find_class(found, self)

    def _locals(self, scope: Scope) -> frozenset[str]:
        if scope not in self._bound:
            self._bound[scope] = _bound_in(scope)
        return self._bound[scope]

    @cached_property
    def _bound(self) -> dict[Scope, frozenset[str]]:
        return {}

    @cached_property
    def classes(self) -> list[ClassModel]:
        """Every class of the file, nested ones too, in order."""
        from kept.source.classes import ClassModel

        return [ClassModel(self, node) for node in self.class_nodes]

    @cached_property
    def _classes_named(self) -> dict[str, list[ClassModel]]:
        found: dict[str, list[ClassModel]] = {}
        for one in self.classes:
            found.setdefault(one.name, []).append(one)
        return found

    @cached_property
    def calls_by_name(self) -> dict[str, list[ast.Call]]:
        """Last part of what is called -> the calls, in order: `Dense` for `keras.layers.Dense(1)`."""
        found: dict[str, list[ast.Call]] = {}
        for call in self.calls:
            found.setdefault(last_part(call.func), []).append(call)
        return found

    def find_class(self, name: str) -> ClassModel | None:
        """The class that a name at the top of the module is bound to last; `Outer.Inner` for a class in a class."""
        found = [one for one in self.classes if one.qualname == name]
        return found[-1] if found else None

    def location(self, node: ast.AST, end: ast.AST | None = None) -> Location:
        """Where a node stands, in characters; of a class or function, its name.

        Args:
            node: Anything with a line.
            end: The last node of a group that starts with `node`.
        """
        line, column, stop_line, stop = self.span(node)
        if end is not None:
            _, _, stop_line, stop = self.span(end)
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        path, shown = self._place(line) if self._place else (self.path, line)
        return Location(path, shown, column, stop if stop_line == line else len(text) + 1, text)

    def span(self, node: ast.AST) -> tuple[int, int, int, int]:
        """Line and column of the first character, and of the one after the last; from 1, in lines of `text`."""
        line, start = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        stop_line, stop = getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or start
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            head = self._line(line).encode()
            start = head.find(node.name.encode(), start + (5 if isinstance(node, ast.ClassDef) else 3))
            if start < 0:  # the name stands on a continuation line
                start = node.col_offset
            stop_line, stop = line, start + len(node.name.encode())
        return line, self._characters(line, start), stop_line, self._characters(stop_line, stop)

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def _characters(self, line: int, offset: int) -> int:
        text = self._line(line)
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1


def parse(
    text: str, path: str, name: str = "", *, is_package: bool = False,
    place: Callable[[int], tuple[str, int]] | None = None,
) -> Module:  # fmt: skip
    """Parses the text of a file.

    Args:
        text: Python source.
        path: As it is shown in findings.
        name: Dotted name under which it is imported.
        is_package: Whether it is an `__init__.py`.
        place: Line of the text -> path and line that are shown, where they differ (cells of a notebook).

    Raises:
        SyntaxError: It is not Python of the version that runs this.
        ValueError: It holds null bytes.
        RecursionError, MemoryError: It is nested too deeply.
    """
    return Module(path, name, text, ast.parse(text), is_package=is_package, place=place)


def _bound_in(scope: Scope) -> frozenset[str]:
    """Names that a function binds: parameters and what it assigns, without what functions in it bind."""
    assert not isinstance(scope, ast.ClassDef)
    spec = scope.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *(one for one in (spec.vararg, spec.kwarg) if one)]
    names = {one.arg for one in every}
    imported: set[str] = set()
    for node in own_nodes(scope) if not isinstance(scope, ast.Lambda) else ():
        kind = node.__class__
        if kind is ast.Name:
            if node.ctx.__class__ is ast.Store:  # type: ignore[attr-defined]
                names.add(node.id)  # type: ignore[attr-defined]
        elif isinstance(node, _SCOPES):
            if not isinstance(node, ast.Lambda):
                names.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            imported |= set(node.names)
    return frozenset(names - imported)
