"""One file while it is mended: its syntax twice, and the changes that are asked for."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from kept.findings import Finding
from kept.fixing.imports import Imports
from kept.fixing.style import Style
from kept.source.classes import ClassModel
from kept.source.module import Function, Module

__all__ = ["Deferred", "Source", "Unmendable"]

Node = TypeVar("Node", bound=cst.CSTNode)


class Unmendable(Exception):
    """The finding is true, and its edit is one that only a person can make."""


class Deferred(Exception):
    """Another edit of this pass changes the same place; the finding is looked at again in the next pass."""


class Source:
    """A file, read by the rules and as LibCST reads it.

    Attributes:
        module: As the rules see it.
        tree: With every space and comment.
        style: How it is written.
        imports: What it calls the things of Keras.
        is_unsafe: Whether the edit that is being made may change behaviour, though edits for its rule do not as a rule.
    """

    def __init__(self, module: Module, tree: cst.Module | None = None) -> None:
        self.module = module
        self.tree = tree or cst.parse_module(module.text)
        self.style = Style.of(self.tree)
        self.imports = Imports(module)
        wrapper = MetadataWrapper(self.tree, unsafe_skip_copy=True)
        self._ranges = cast(Mapping[cst.CSTNode, CodeRange], wrapper.resolve(PositionProvider))
        self._at: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, span in self._ranges.items():
            self._at.setdefault((span.start.line, span.start.column), []).append(node)
        self.is_unsafe = False
        self._settled: list[_Edit] = []
        self._pending: list[_Edit] = []

    # What a finding is about

    def owner(self, finding: Finding) -> ClassModel:
        """The innermost class that the place of a finding is in, or whose name it is."""
        line = finding.location.line
        around = [one for one in self.module.classes if _first(one.node) <= line <= (one.node.end_lineno or 0)]
        named = [one for one in around if one.name == finding.kind]
        if not around:
            raise Unmendable("no class stands there")
        return (named or around)[-1]

    def at(self, finding: Finding, *kinds: type[ast.AST]) -> ast.AST:
        """The outermost node of some kinds that starts where a finding points; for a function, its name."""
        place = finding.location
        for node in ast.walk(self.module.tree):
            if isinstance(node, kinds) and hasattr(node, "lineno"):
                line, column, _, _ = self.module.span(node)
                if (line, column) == (place.line, place.column):
                    return node
        raise Unmendable("nothing of the kind stands there")

    # From one syntax to the other

    def expression(self, found: ast.expr) -> cst.CSTNode:
        """The same expression, as LibCST has it."""
        return self.node(found, cast(type[cst.CSTNode], cst.BaseExpression))

    def node(self, found: ast.AST, kind: type[Node]) -> Node:
        """The same node, as LibCST has it."""
        line = getattr(found, "lineno", 0)
        offset = getattr(found, "col_offset", 0)
        text = self.module.lines[line - 1]
        column = len(text.encode()[:offset].decode(errors="replace"))
        end = (getattr(found, "end_lineno", None), self._column(getattr(found, "end_lineno", None), found))
        fitting = [one for one in self._at.get((line, column), ()) if isinstance(one, kind)]
        exact = [one for one in fitting if self._end(one) == end]
        if not fitting:
            raise Unmendable("this syntax is written in a way that is not understood")
        return (exact or fitting)[0]

    def class_node(self, model: ClassModel) -> cst.ClassDef:
        """The statement of a class."""
        return self.node(model.node, cst.ClassDef)

    def function_node(self, function: Function) -> cst.FunctionDef:
        """The statement of a function."""
        return self.node(function, cst.FunctionDef)

    def text(self, node: ast.AST) -> str:
        """The source of an expression as it is written."""
        return ast.get_source_segment(self.module.text, node) or ast.unparse(node)

    def statement(self, node: ast.AST) -> cst.BaseStatement:
        """The statement at the top of the file that a node is in."""
        line = getattr(node, "lineno", 0)
        for one in self.tree.body:
            if self._ranges[one].start.line <= line <= self._ranges[one].end.line:
                return cast(cst.BaseStatement, one)
            decorators = getattr(one, "decorators", ())
            if decorators and self._ranges[decorators[0]].start.line <= line <= self._ranges[one].end.line:
                return cast(cst.BaseStatement, one)
        raise Unmendable("no statement stands there")

    def _column(self, line: int | None, found: ast.AST) -> int:
        text = self.module.lines[line - 1] if line else ""
        offset = getattr(found, "end_col_offset", None) or 0
        return len(text.encode()[:offset].decode(errors="replace"))

    def _end(self, node: cst.CSTNode) -> tuple[int, int]:
        end = self._ranges[node].end
        return end.line, end.column

    # Changes

    def replace(self, old: cst.CSTNode, new: cst.CSTNode | None) -> None:
        """Asks for a node in the place of another; None removes a statement."""
        if new is not None and old.deep_equals(new):
            raise Unmendable("nothing can be changed there")
        span = self._ranges[old]
        if any(_overlap(span, other.span) for other in (*self._settled, *self._pending) if other.span):
            raise Deferred
        self._pending.append(_Edit(old, new, span, ()))

    def remove(self, found: ast.stmt, small: cst.BaseSmallStatement) -> None:
        """Asks that a statement is left out, with its line where nothing else stands there."""
        line = next(
            (
                one
                for one in self._at.get((found.lineno, self._ranges[small].start.column), ())
                if isinstance(one, cst.SimpleStatementLine) and len(one.body) == 1
            ),
            None,
        )
        self.replace(line or small, None)

    def insert_before(self, statement: cst.BaseStatement, new: Sequence[cst.BaseStatement]) -> None:
        """Asks for statements before one at the top of the file."""
        self._pending.append(_Edit(statement, None, None, tuple(new)))

    def define(self, user: ast.AST, new: Sequence[cst.BaseStatement]) -> None:
        """Asks for definitions at the top of the file, before the statement that a node is in."""
        place = self.statement(user)
        lines = [cst.EmptyLine(indent=False)] * 2
        spaced = [one.with_changes(leading_lines=[*lines, *_comments(one)]) for one in new]
        if place is self.tree.body[0]:
            spaced[0] = spaced[0].with_changes(leading_lines=_comments(new[0]))
        self.insert_before(place, spaced)

    def settle(self) -> bool:
        """Accepts what one finding asked for; returns whether that was anything."""
        asked = bool(self._pending)
        self._settled += self._pending
        self.forget()
        return asked

    def forget(self) -> None:
        """Drops what one finding asked for."""
        self._pending = []
        self.is_unsafe = False

    def rewritten(self) -> str:
        """The text of the file with every change that was settled, and with the imports that these take."""
        tree = self.tree.visit(_Rewrite(self._settled))
        return self.imports.written(tree, self.style).code


class _Edit:
    def __init__(
        self, old: cst.CSTNode, new: cst.CSTNode | None, span: CodeRange | None, before: tuple[cst.BaseStatement, ...]
    ) -> None:
        self.old = old
        self.new = new
        self.span = span
        self.before = before


class _Rewrite(cst.CSTTransformer):
    def __init__(self, edits: Sequence[_Edit]) -> None:
        super().__init__()
        self._new = {one.old: one.new for one in edits if one.span}
        self._before: dict[cst.CSTNode, list[cst.BaseStatement]] = {}
        for one in edits:
            if one.before:
                self._before.setdefault(one.old, []).extend(one.before)

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node not in self._new

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.FlattenSentinel[cst.CSTNode] | cst.RemovalSentinel:
        node: cst.CSTNode | None = self._new.get(original_node, updated_node)
        before = self._before.get(original_node)
        if before:
            return cst.FlattenSentinel([*before, *([_spaced(node)] if node is not None else [])])
        return cst.RemoveFromParent() if node is None else node


def _spaced(node: cst.CSTNode) -> cst.CSTNode:
    """A statement with empty lines between it and a definition above."""
    lines = getattr(node, "leading_lines", ())
    missing = 2 - sum(line.comment is None for line in lines)
    return node.with_changes(leading_lines=[*[cst.EmptyLine(indent=False)] * missing, *lines])


def _comments(node: cst.CSTNode) -> list[cst.EmptyLine]:
    """The comments above a statement."""
    return [line for line in getattr(node, "leading_lines", ()) if line.comment is not None]


def _overlap(one: CodeRange, other: CodeRange) -> bool:
    return (one.start.line, one.start.column) < (other.end.line, other.end.column) and (
        other.start.line, other.start.column
    ) < (one.end.line, one.end.column)  # fmt: skip


def _first(node: ast.ClassDef) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])
