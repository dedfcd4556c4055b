"""What the names in a module stand for, as dotted names: imports, aliases and what the module defines itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from kept.source.spelling import keras_name

__all__ = ["Names", "chain", "last_part", "text_of"]


class Names:
    """The names that a module binds at its top, or anywhere by an import.

    Attributes:
        bound: Local name -> dotted name that it stands for.
        stars: Modules whose every name is imported.
    """

    def __init__(self, module: str, *, is_package: bool = False) -> None:
        self.module = module
        self.bound: dict[str, str] = {}
        self.stars: list[str] = []
        self._package = module if is_package else module.rpartition(".")[0]

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """Takes note of an import statement; the first import of a name counts."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    self.bound.setdefault(alias.asname, alias.name)
                else:
                    root = alias.name.partition(".")[0]
                    self.bound.setdefault(root, root)
            return
        home = self._absolute(node)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(home)
            else:
                self.bound.setdefault(alias.asname or alias.name, f"{home}.{alias.name}" if home else alias.name)

    def defined(self, names: Iterable[str]) -> None:
        """Takes note of classes and functions at the top of the module; they hide what was imported before."""
        for name in names:
            self.bound[name] = f"{self.module}.{name}" if self.module else name

    def aliased(self, node: ast.Assign) -> None:
        """Takes note of `layers = keras.layers`: a name assigned a name that stands for something."""
        value = self.dotted(node.value) if isinstance(node.value, (ast.Name, ast.Attribute)) else None
        for target in node.targets:
            if isinstance(target, ast.Name) and value is not None:
                self.bound.setdefault(target.id, value)

    def dotted(self, node: ast.AST) -> str | None:
        """What `a.b.c` stands for; None where `a` is bound by nothing that is known, or it is no such chain.

        The many names under which Keras 3 is imported are given as `keras`.
        """
        parts = chain(node)
        if parts is None or parts[0] not in self.bound:
            return None
        return keras_name(".".join([self.bound[parts[0]], *parts[1:]]))

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self._package.split(".") if self._package else []
        kept = parts[: len(parts) - (node.level - 1)]
        return ".".join([*kept, *([node.module] if node.module else [])])


def chain(node: ast.AST) -> list[str] | None:
    """`a.b.c` as its parts; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return parts[::-1]


def last_part(node: ast.AST) -> str:
    """`c` of `a.b.c` and of `f().c`; empty for what has no name at its end."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.AST | None) -> str | None:
    """The text that is written there; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
