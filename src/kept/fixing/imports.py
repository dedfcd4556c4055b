"""What a file calls the things of Keras, and the import that is added where it has no name for them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst
from libcst import matchers as m

from kept.fixing.style import Style
from kept.source.module import Module
from kept.source.names import Names

__all__ = ["Imports"]

_IMPORT = m.SimpleStatementLine(body=[m.AtLeastN(n=1, matcher=m.Import() | m.ImportFrom())])
_FUTURE = m.SimpleStatementLine(body=[m.ImportFrom(module=m.Name("__future__"))])


class Imports:
    """The names of other modules in one file.

    Args:
        module: The file.

    Attributes:
        added: Import statements that were asked for, in order.
    """

    def __init__(self, module: Module) -> None:
        self.added: list[str] = []
        self._names = _at_top(module)

    def keras(self, path: str) -> str:
        """How the file writes `keras.<path>`; the import that this takes is noted.

        Args:
            path: Such as `saving.deserialize_keras_object`.
        """
        return self.name(f"keras.{path}")

    def name(self, dotted: str) -> str:
        """How the file writes a dotted name; the import that this takes is noted."""
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            local = self._local(".".join(parts[:cut]))
            if local is not None:
                return ".".join([local, *parts[cut:]])
        roots = {one.partition(".")[0] for one in self._names.values()}
        if parts[0] == "keras" and "keras" not in roots:
            tensorflow = self._local("tensorflow")
            if tensorflow is not None:
                return f"{tensorflow}.{dotted}"
            if any(one.startswith("tensorflow.keras") for one in self._names.values()):
                return self._add("from tensorflow import keras", "keras", dotted)
        if parts[0] in ("typing", "enum"):
            return self._add(f"from {parts[0]} import {parts[1]}", ".".join(parts[1:]), parts[1])
        return self._add(f"import {parts[0]}", parts[0], dotted)

    def _add(self, statement: str, bound: str, written: str) -> str:
        self._names[bound] = "keras" if bound == "keras" else written
        if statement not in self.added:
            self.added.append(statement)
        return written

    def _local(self, dotted: str) -> str | None:
        meant = [local for local, one in self._names.items() if _plain(one) == dotted]
        return min(meant, key=lambda local: (local != dotted, len(local))) if meant else None

    def written(self, tree: cst.Module, style: Style) -> cst.Module:
        """The file with the imports that were asked for, after those at its beginning."""
        if not self.added:
            return tree
        place = _place(tree.body)
        new = [style.statement(one) for one in self.added]
        body = list(tree.body)
        if place == 0 and body:
            spaced = [cst.EmptyLine(indent=False)] * (0 if body[0].leading_lines else 1)
            body[0] = body[0].with_changes(leading_lines=[*spaced, *body[0].leading_lines])
        elif not m.matches(body[place - 1], _IMPORT) or m.matches(body[place - 1], _FUTURE):
            new[0] = new[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return tree.with_changes(body=[*body[:place], *new, *body[place:]])


def _plain(dotted: str) -> str:
    return dotted.removeprefix("tensorflow.") if dotted.startswith("tensorflow.keras") else dotted


def _at_top(module: Module) -> dict[str, str]:
    """Name -> dotted name, for imports that stand outside of functions and classes."""
    names = Names(module.name)
    pending: list[ast.stmt] = list(module.tree.body)
    while pending:
        one = pending.pop(0)
        if isinstance(one, (ast.Import, ast.ImportFrom)):
            names.imported(one)
        elif isinstance(one, (ast.If, ast.Try)) and not _for_types(one):
            pending = [*one.body, *pending]
        elif isinstance(one, ast.Assign):
            names.aliased(one)
    return dict(names.bound)


def _for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _place(body: Sequence[cst.BaseStatement]) -> int:
    """After the docstring and the first imports."""
    place = 0
    for number, one in enumerate(body):
        if m.matches(one, _IMPORT):
            place = number + 1
        elif number == 0 and m.matches(one, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString())])):
            place = 1
        elif place and not m.matches(one, m.Try() | m.If()):
            break
    return place
