"""Embedded source: the custom objects of a model as readable text that gives them back.

A `SourceCollector` takes live classes and functions and makes one `SourceUnit` per module they come from:
definitions, the imports they use, and the values of constants and closures as they are now. Nothing is pickled.
"""

from __future__ import annotations

import functools
from collections import deque
from types import FunctionType, MethodType, ModuleType
from typing import Any

from kept.errors import SerializationError, shown
from kept.runtime.source_builder import UnitBuilder
from kept.runtime.source_files import remember
from kept.runtime.source_origins import ObjectOrigin, definition, describe, home, is_local, unwrap
from kept.runtime.source_scopes import local_expression
from kept.runtime.source_units import Piece, SourceUnit, digest

__all__ = ["ObjectOrigin", "SourceCollector", "SourceUnit", "definition", "describe", "is_local", "remember"]


class SourceCollector:
    """Collects the source of live objects; `units()` is the result.

    Example:
        collector = SourceCollector()
        reference = collector.add(Affine)      # "__main__:Affine"
        collector.units()["__main__"].text     # what defines it, and all it needs
    """

    def __init__(self) -> None:
        self.pending: deque[tuple[UnitBuilder, str, bool]] = deque()
        self.unloaded: dict[str, dict[str, Any]] = {}
        self._builders: dict[int, UnitBuilder] = {}
        self._placed: dict[int, tuple[object, UnitBuilder, str]] = {}
        self._open: set[int] = set()

    def add(self, obj: object) -> str:
        """Keeps a class, function, lambda, closure or local class.

        Args:
            obj: The live object; one that is not part of an installed distribution.

        Returns:
            "module:expression", by which `embedded.Namespace.resolve` finds it.

        Raises:
            SerializationError: The object is of a kind that has no source, or its source is not there.
        """
        unit, text = self.place(obj)
        while self.pending:
            builder, name, quiet = self.pending.popleft()
            builder.ensure(name, quiet=quiet)
        return f"{unit.name}:{text}"

    def units(self) -> dict[str, SourceUnit]:
        """The units made so far, by module name."""
        used = {unit.name: unit.uses() for unit in self._builders.values() if unit.whole or unit.pieces}
        found: dict[str, SourceUnit] = {}
        for unit in self._builders.values():
            if unit.name in used:
                circular = frozenset(name for name in used[unit.name] if unit.name in _reached(name, used))
                text = unit.text(circular)
                uses = tuple(sorted(used[unit.name] & used.keys()))
                missing = tuple(sorted(unit.missing.keys() - unit.pieces.keys()))
                found[unit.name] = SourceUnit(
                    unit.name, text, digest(text), unit.file, unit.whole, unit.package, uses, missing
                )
        return found

    def builder(self, module: dict[str, Any]) -> UnitBuilder:
        """The builder for the module with these globals; two modules of one name get two names."""
        if id(module) not in self._builders:
            name = plain = str(module.get("__name__") or "__main__")
            taken = {unit.name for unit in self._builders.values()}
            number = 1
            while name in taken:
                number += 1
                name = f"{plain}_{number}"
            self._builders[id(module)] = UnitBuilder(self, name, module)
        return self._builders[id(module)]

    def place(self, obj: object) -> tuple[UnitBuilder, str]:
        """Keeps a local object; returns its unit and the expression that finds it there.

        Raises:
            SerializationError: As for `add`.
        """
        if id(obj) in self._placed:
            return self._placed[id(obj)][1:]
        if id(obj) in self._open:
            raise SerializationError("two functions that close over each other cannot be kept", found=shown(obj))
        self._open.add(id(obj))
        try:
            unit, text = self._place(obj, _checked(obj))
        finally:
            self._open.discard(id(obj))
        self._placed[id(obj)] = (obj, unit, text)
        return unit, text

    def _place(self, obj: object, module: dict[str, Any]) -> tuple[UnitBuilder, str]:
        unit = self.builder(module)
        for name, text in _names_in(unit, obj):
            if unit.ensure(name):
                return unit, text
            raise SerializationError(f"'{text}' of {unit.name} cannot be kept: {unit.missing[name]}")
        if "<locals>" not in definition_name(obj) and "." in definition_name(obj):
            raise SerializationError(f"'{definition_name(obj)}' is not what {unit.name} has under that name")
        text, order = local_expression(unit, obj)
        name = unit.fresh("lambda" if definition(obj).name == "<lambda>" else definition(obj).name)
        unit.keep(Piece((name,), f"{name} = {text}", order))
        return unit, name


def definition_name(obj: object) -> str:
    """The qualified name of what an object wraps."""
    return str(getattr(unwrap(obj), "__qualname__", type(obj).__name__))


def _checked(obj: object) -> dict[str, Any]:
    """The globals of an object whose source can be kept."""
    if isinstance(obj, MethodType | functools.partial | functools.partialmethod):
        raise SerializationError(f"a {type(obj).__name__} object has no source of its own", found=shown(obj))
    inner = unwrap(obj)
    if isinstance(obj, ModuleType) or not isinstance(inner, type | FunctionType):
        raise SerializationError(
            f"a {type(obj).__name__} object has no source of its own",
            found=shown(obj),
            expected="a class or a function",
        )
    module = home(inner)
    if module is None:
        raise SerializationError(f"the module of '{definition_name(obj)}' is gone", found=shown(obj))
    if not is_local(inner):
        raise SerializationError(f"'{definition_name(obj)}' belongs to the installed module {module.get('__name__')}")
    return module


def _names_in(unit: UnitBuilder, obj: object) -> list[tuple[str, str]]:
    """Module-level names that lead to `obj`: its qualified name first, then any name bound to it."""
    qualified = definition_name(obj)
    found: object = unit.globals.get(qualified.partition(".")[0])
    for part in qualified.split(".")[1:]:
        found = getattr(found, part, None)
    if found is obj and "<" not in qualified:
        return [(qualified.partition(".")[0], qualified)]
    return [(name, name) for name in unit.names_of(obj)[:1]]


def _reached(name: str, used: dict[str, frozenset[str]]) -> set[str]:
    reached: set[str] = set()
    queue = [name]
    while queue:
        for other in used.get(queue.pop(), ()):
            if other not in reached:
                reached.add(other)
                queue.append(other)
    return reached
