"""Which names a piece of source reads, and when: while it runs, or once what it defines is called."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from kept.runtime.source_files import Function

__all__ = ["Uses", "absolute", "imported_modules", "loads", "names_bound", "names_used", "targets"]

_RUN_AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Uses:
    """Module-level names that a text reads.

    Attributes:
        early: Read while the text runs: decorators, bases, defaults, class bodies.
        late: Read when what it defines is called.
        hints: Read by nobody unless annotations are evaluated.
    """

    early: frozenset[str]
    late: frozenset[str]
    hints: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Names that code reads, at whatever time."""
        return self.early | self.late


def names_used(text: str, *, lazy_annotations: bool = False) -> Uses:
    """Finds the module-level names that `text` reads.

    Args:
        text: Statements that parse.
        lazy_annotations: Whether `from __future__ import annotations` is in force.
    """
    tree = ast.parse(text)
    early, late = set[str](), set[str]()
    table = symtable.symtable(("from __future__ import annotations\n" if lazy_annotations else "") + text, "?", "exec")
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    early |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    for child in table.get_children():
        _read_table(child, True, early, late)
    early.update(_read_before_bound(tree))
    hints = set[str]()
    if lazy_annotations:
        early.discard("annotations")
        hints = {node.id for note in _annotations(tree) for node in ast.walk(note) if isinstance(node, ast.Name)}
    used = early | late
    return Uses(frozenset(early - bound), frozenset(late - early - bound), frozenset(hints - used - bound))


def _read_table(table: symtable.SymbolTable, now: bool, early: set[str], late: set[str]) -> None:
    now = now and (str(table.get_type()) == "class" or table.get_name() in _RUN_AT_ONCE)
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    (early if now else late).update(names)
    for child in table.get_children():
        _read_table(child, now, early, late)


def _read_before_bound(tree: ast.Module) -> Iterator[str]:
    """Names like the right side of `units = units` in a class body, which Python looks up in the module."""
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.ClassDef):
            continue
        known: set[str] = set()
        later = {name for statement in scope.body for name in targets(statement)}
        for statement in scope.body:
            yield from (name for name in loads(statement) if name in later and name not in known)
            known.update(targets(statement))


def loads(node: ast.AST) -> Iterator[str]:
    """Names that `node` reads while it runs, bodies of functions left out."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from loads(child)


def targets(statement: ast.stmt) -> set[str]:
    """Names that one statement binds, what is nested in it left out."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name}
        case ast.Import():
            return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
        case ast.ImportFrom():
            return {alias.asname or alias.name for alias in statement.names}
        case ast.Assign():
            places: list[ast.expr] = statement.targets
        case ast.AnnAssign() | ast.AugAssign() | ast.For() | ast.AsyncFor():
            places = [statement.target]
        case ast.With() | ast.AsyncWith():
            places = [item.optional_vars for item in statement.items if item.optional_vars]
        case _:
            return set()
    return {
        node.id
        for place in places
        for node in ast.walk(place)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def names_bound(function: Function) -> set[str]:
    """Local names of a function: arguments and everything its body binds."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    bound = {argument.arg for argument in every if argument}
    elsewhere: set[str] = set()
    queue: list[ast.AST] = [function.body] if isinstance(function, ast.Lambda) else list(function.body)
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            bound.add(node.id)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.stmt):
            bound.update(targets(node))
        if not isinstance(node, _SCOPES):
            queue.extend(ast.iter_child_nodes(node))
    return bound - elsewhere


def imported_modules(tree: ast.AST, package: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every import in `tree`: the absolute module name, and the names taken from it (none: the module itself)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield absolute(node, package), tuple(alias.name for alias in node.names)


def absolute(statement: ast.ImportFrom, package: str) -> str:
    """The module that a `from` import names, seen from `package`."""
    module = statement.module or ""
    if not statement.level:
        return module
    base = package.split(".")[: len(package.split(".")) - statement.level + 1]
    return ".".join([*base, *filter(None, [module])])


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        yield from (note for note in notes if isinstance(note, ast.expr))
