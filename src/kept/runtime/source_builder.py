"""Collects, for one module, the statements that the kept objects need."""

from __future__ import annotations

import ast
import builtins
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol

from kept.errors import SerializationError
from kept.runtime import source_imports as imports
from kept.runtime.source_edits import added_attributes, edits
from kept.runtime.source_files import Definition, SourceFile, read, statements
from kept.runtime.source_names import targets
from kept.runtime.source_origins import definition, home, is_local, module_files, unwrap
from kept.runtime.source_scopes import local_expression
from kept.runtime.source_units import Piece, arrange
from kept.runtime.source_values import UnkeepableError, expression, holds_state, is_plain, source_of_surprise

__all__ = ["Collection", "UnitBuilder"]

_MODULE_NAMES = frozenset({"__name__", "__doc__", "__builtins__", "__spec__", "__package__", "__loader__"})
_LAZY_ANNOTATIONS = 0x1000000  # CO_FUTURE_ANNOTATIONS
_PREFIX = "_kept_"
Binding = tuple[tuple[int, ...], SourceFile, ast.stmt]


class Collection(Protocol):
    """What a builder asks of the collector it belongs to."""

    pending: deque[tuple[UnitBuilder, str, bool]]
    unloaded: dict[str, dict[str, Any]]

    def builder(self, module: dict[str, Any]) -> UnitBuilder:
        """The builder for the module with these globals."""

    def place(self, obj: object) -> tuple[UnitBuilder, str]:
        """Keeps a local object; returns its unit and the expression that finds it there."""


class UnitBuilder:
    """The part of one module that is kept.

    Attributes:
        name: The module's name, unique among the units.
        globals: The live globals of the module.
        pieces: The kept statement that binds each name.
        missing: Why a name could not be kept.
        whole: Whether the whole file is kept.
        followed: Local modules that imports inside functions ask for.
    """

    def __init__(self, collection: Collection, name: str, module: dict[str, Any]) -> None:
        self.collection = collection
        self.name = name
        self.globals = module
        self.pieces: dict[str, Piece] = {}
        self.missing: dict[str, str] = {}
        self.scopes: dict[object, str] = {}
        self.whole = False
        self.followed: set[str] = set()
        self.busy: set[str] = set()
        self.sources = [source for file in module_files(module) for source in read(file, module)[:1]]
        self.lazy_annotations = False
        is_package = module.get("__path__") is not None
        self.package = str(module.get("__package__") or (name if is_package else name.rpartition(".")[0]))

    @property
    def file(self) -> str:
        """The file's name for people: its place in the package, or its bare name."""
        kept = self.globals.get("__kept_file__")
        if kept:
            return str(kept)
        file = self.globals.get("__file__") or (self.sources[-1].name if self.sources else "")
        if not file or str(file).startswith("<") or "ipykernel_" in str(file):
            return "notebook" if self.name == "__main__" else self.name
        parts = Path(file).parts
        wanted = self.name.split(".")
        depth = len(wanted) + (parts[-1] == "__init__.py")
        package = tuple(part.removesuffix(".py") for part in parts[-depth:])[: len(wanted)] == tuple(wanted)
        return "/".join(parts[-depth:]) if package else parts[-1]

    # Names

    def ensure(self, name: str, *, quiet: bool = False) -> bool:
        """Keeps what binds `name` in the module; says whether the unit will have the name.

        Args:
            name: A module-level name.
            quiet: Whether a name that cannot be kept is not worth reporting.
        """
        if name in self.pieces or name in self.busy:
            return True
        if name not in self.globals or name in _MODULE_NAMES:
            return name in _MODULE_NAMES or hasattr(builtins, name)
        if self.whole:
            return True
        if name in self.missing:
            return False
        self.busy.add(name)
        try:
            self._keep_name(name, self.globals[name])
        except (SerializationError, UnkeepableError) as error:
            if not quiet:
                self.missing[name] = error.message if isinstance(error, SerializationError) else str(error)
            return False
        finally:
            self.busy.discard(name)
        return True

    def _keep_name(self, name: str, value: object) -> None:
        ways: list[Callable[[str, Any], bool]] = [self._defined, self._imported, self._made_locally, self._plain]
        ways += [self._assigned, self._expressed]
        reason: Exception = UnkeepableError(f"a {type(value).__name__}")
        for way in ways:
            try:
                if way(name, value):
                    return
            except SerializationError as error:
                reason = error
            except UnkeepableError as error:
                reason = reason if isinstance(reason, SerializationError) else error
            except Exception as error:  # a user's object may raise anything when it is looked at
                reason = UnkeepableError(f"{type(error).__name__}: {error}")
        raise reason

    def keep(self, piece: Piece, *, strict: bool = False) -> bool:
        """Takes a piece into the unit, and asks for what it reads.

        Args:
            piece: The statement.
            strict: Whether to leave it out where something it reads at once cannot be kept.
        """
        hints = piece.read_names(self.lazy_annotations)
        if strict and not all(self.ensure(name) for name in sorted(piece.early) if name in self.globals):
            return False
        for name in piece.names:
            self.pieces.setdefault(name, piece)
        self.collection.pending.extend((self, name, name in hints) for name in sorted(piece.early | piece.late | hints))
        if piece.style == "code":
            imports.follow_all(self, ast.parse(piece.text))
        return True

    def miss(self, name: str, reason: str) -> None:
        """Records a name that the unit reads and cannot have."""
        self.missing.setdefault(name, reason)

    def fresh(self, stem: str) -> str:
        """A new name that neither the module nor the unit has."""
        number = 1
        while f"{_PREFIX}{stem}_{number}" in {*self.pieces, *self.globals, *self.busy}:
            number += 1
        return f"{_PREFIX}{stem}_{number}"

    def bindings(self, name: str) -> list[Binding]:
        """The module-level statements that bind `name`, in order."""
        return [
            (self.order_of(source, statement), source, statement)
            for source in self.sources
            for statement in statements(source.tree.body)
            if name in targets(statement)
        ]

    def order_of(self, source: SourceFile, statement: ast.stmt) -> tuple[int, ...]:
        """Where a statement stands in the module, notebooks included."""
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source), statement.lineno, statement.col_offset

    def note_flags(self, obj: object, found: Definition) -> None:
        """Notices whether `obj` was compiled under `from __future__ import annotations`."""
        flags = obj.__code__.co_flags if isinstance(obj, FunctionType) else 0
        first = [s for s in found.source.tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
        named = any(alias.name == "annotations" for statement in first for alias in statement.names)
        self.lazy_annotations |= named or bool(flags & _LAZY_ANNOTATIONS)

    # Ways to keep a name

    def _defined(self, name: str, value: object) -> bool:
        """A class or function that a module-level statement of this name defines."""
        found = self._definition(name, value)
        if not found:
            return False
        self.note_flags(unwrap(value), found)
        changed = edits(found, value, self.globals, self.refer, set())
        order = self.order_of(found.source, found.statement)
        self.keep(Piece((name,), found.source.segment(found.node, changed), (*order, 0)))
        self._keep_attributes(name, value, found)
        return True

    def _definition(self, name: str, value: object) -> Definition | None:
        inner = unwrap(value)
        error: SerializationError | None = None
        if isinstance(inner, type | FunctionType) and home(inner) is self.globals:
            try:
                found = definition(inner)
            except SerializationError as failed:
                error = failed
            else:
                if found.name == name and not found.enclosing:
                    return found
        last = self.bindings(name)[-1:]
        for _, source, statement in last:
            if getattr(statement, "decorator_list", ()):
                return next(d for d in source.definitions if d.node is statement)
        if error:
            raise error
        return None

    def _keep_attributes(self, name: str, value: object, found: Definition) -> None:
        """Statements like `Affine.call = faster_call`, and attributes that were set out of sight."""
        written: set[str] = set()
        for source in list(self.sources):
            for statement in statements(source.tree.body):
                attribute = _attribute_set(statement, name)
                if not attribute or not isinstance(statement, ast.Assign):
                    continue
                live = getattr(value, attribute, None)
                text = source.segment(statement.value)
                text = expression(live, self.refer) if is_plain(live) else text
                order = (*self.order_of(source, statement), 0)
                piece = Piece((f"{name}.{attribute}",), f"{name}.{attribute} = {text}", order)
                if self.keep(piece, strict=True):
                    written.add(attribute)
        if isinstance(value, type):
            for attribute, live in added_attributes(found, value).items():
                if attribute not in written:
                    self._add_attribute(name, attribute, live, found)

    def _add_attribute(self, name: str, attribute: str, live: object, found: Definition) -> None:
        order = (*self.order_of(found.source, found.statement), 3)
        try:
            text = f"{name}.{attribute} = {expression(live, self.refer)}"
        except UnkeepableError as error:
            self.miss(f"{name}.{attribute}", str(error))
        else:
            self.keep(Piece((f"{name}.{attribute}",), text, order))

    def _imported(self, name: str, value: object) -> bool:
        """What an import statement of the module bound, or a module or installed object however it came."""
        for order, _, statement in reversed([*self.bindings("*"), *self.bindings(name)]):
            pieces = list(imports.written(self, statement, name, value))
            for number, piece in enumerate(pieces):
                piece.order = (*order, number)
                self.keep(piece)
            if pieces:
                return True
        new = imports.generated(self, name, value)
        return new is not None and self.keep(new)

    def _made_locally(self, name: str, value: object) -> bool:
        """A closure, lambda or local class, and other names for what is kept elsewhere."""
        inner = unwrap(value)
        if not isinstance(inner, type | FunctionType) or not is_local(inner):
            return False
        bindings = self.bindings(name)
        generated = [b for b in bindings if _is_generated(b[2])]
        if generated or home(inner) is not self.globals:
            return bool(generated) and self._assigned(name, value)
        found = definition(inner)
        if inner is not value and not getattr(found.node, "decorator_list", ()):
            return False
        if found.name == "<lambda>" and getattr(found.statement, "value", None) is found.node and not found.enclosing:
            return self._assigned(name, value)
        shadowed = unwrap(self.globals.get(found.name)) is not inner
        if not found.is_local and found.name != "<lambda>" and not shadowed:
            text, order = self.refer(value), (*(bindings[-1][0] if bindings else (0, 0, 0)), 1)
        else:
            text, order = local_expression(self, value)
        return self.keep(Piece((name,), f"{name} = {text}", order))

    def _plain(self, name: str, value: object) -> bool:
        return is_plain(value) and self._keep_value(name, value)

    def _assigned(self, name: str, value: object) -> bool:
        """The assignment of the module itself, run again."""
        for order, source, statement in self.bindings(name)[-1:]:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                return False
            if len(targets(statement)) > 1 or (holds_state(value) and not self._constructs(statement.value, value)):
                return False
            if outside := source_of_surprise(statement.value, value):
                raise UnkeepableError(outside)
            return self.keep(Piece((name,), source.segment(statement), (*order, 0)), strict=True)
        return False

    def _constructs(self, written: ast.expr, value: object) -> bool:
        if not isinstance(written, ast.Call):
            return False
        found = self._look_up(written.func)
        return found is type(value)

    def _look_up(self, written: ast.expr) -> object:
        if isinstance(written, ast.Name):
            return self.globals.get(written.id)
        return getattr(self._look_up(written.value), written.attr, None) if isinstance(written, ast.Attribute) else None

    def _expressed(self, name: str, value: object) -> bool:
        return self._keep_value(name, value)

    def _keep_value(self, name: str, value: object) -> bool:
        text = f"{name} = {expression(value, self.refer)}"
        order = next((order for order, *_ in reversed(self.bindings(name))), (0, 0, 0))
        return self.keep(Piece((name,), text, (*order, 0)), strict=True)

    # References

    def names_of(self, obj: object) -> list[str]:
        """Module-level names that a statement gave to `obj`, its own name first; loop variables do not count."""
        names = [name for name, value in list(self.globals.items()) if value is obj and not name.startswith("__")]
        names.sort(key=lambda name: name != getattr(obj, "__name__", None))
        return [
            name for name in names if not any(isinstance(b[2], ast.For | ast.With) for b in self.bindings(name)[-1:])
        ]

    def refer(self, obj: object) -> str:
        """The expression under which this unit can use a class, function, module or shared object.

        Raises:
            UnkeepableError: There is none.
        """
        for name in self.names_of(obj):
            if name not in self.busy and self.ensure(name, quiet=True):
                return name
        name = getattr(obj, "__name__", "")
        if name not in self.globals and getattr(builtins, str(name), None) is obj:
            return str(name)
        if isinstance(unwrap(obj), type | FunctionType) and is_local(obj):
            try:
                unit, text = self.collection.place(obj)
            except SerializationError as error:
                raise UnkeepableError(error.message) from error
            if text.partition(".")[0] in unit.busy:
                raise UnkeepableError(f"{text} is made from itself")
            return text if unit is self else self._import(unit, text)
        piece, text = imports.reference(self, obj)
        self.keep(piece)
        return text

    def _import(self, unit: UnitBuilder, text: str) -> str:
        root, dot, rest = text.partition(".")
        is_free = root not in self.globals and root not in self.pieces
        alias = root if is_free else f"{_PREFIX}{root.removeprefix(_PREFIX)}"
        taken = self.pieces.get(alias) or self.pieces.get(root)
        if taken and taken.unit == unit.name and taken.names[0] in (alias, root):
            return taken.names[0] + dot + rest
        alias = alias if alias not in self.pieces else self.fresh(root.removeprefix(_PREFIX))
        shown = root if alias == root else f"{root} as {alias}"
        self.keep(Piece((alias,), shown, imports.LAST, "from", unit.name, unit.name))
        return alias + dot + rest

    # The whole file

    def make_whole(self) -> bool:
        """Keeps the whole file; says whether that is possible."""
        if self.whole:
            return True
        if len(self.sources) != 1 or self.name == "__main__":
            return False
        self.whole = True
        self.pieces = {name: piece for name, piece in self.pieces.items() if name.startswith(_PREFIX)}
        imports.follow_all(self, self.sources[0].tree)
        return True

    # The result

    def uses(self) -> frozenset[str]:
        """Other units that this one imports."""
        own = {piece.unit for piece in self.pieces.values()} | self.followed
        return frozenset(own - {"", self.name})

    def text(self, circular: frozenset[str]) -> str:
        """The unit's text."""
        pieces = {id(piece): piece for piece in self.pieces.values()}.values()
        if not self.whole:
            header = f"# From {self.file}: what the custom objects of a saved model use."
            lazy = self.lazy_annotations
            return arrange(pieces, header=header, lazy_annotations=lazy, circular=circular)
        added = arrange(pieces, header="", lazy_annotations=False, circular=circular).strip()
        return self.sources[0].text + (f"\n\n{added}\n" if added else "")


def _attribute_set(statement: ast.stmt, name: str) -> str:
    """The attribute of `name` that a statement assigns; empty if it does something else."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=attribute)]) if owner == name:
            return attribute
    return ""


def _is_generated(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Name(id=called))):
            return called.startswith(_PREFIX)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name.startswith(_PREFIX)
    return False
