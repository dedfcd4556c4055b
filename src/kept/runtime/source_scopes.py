"""Functions and classes made inside functions: a generated factory whose arguments are what they closed over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING

from kept.errors import SerializationError, shown
from kept.runtime.source_edits import edits
from kept.runtime.source_files import Definition, indent, type_of_function
from kept.runtime.source_names import names_bound, names_used
from kept.runtime.source_origins import definition, own_functions, unwrap
from kept.runtime.source_units import Piece
from kept.runtime.source_values import UnkeepableError, expression

if TYPE_CHECKING:
    from kept.runtime.source_builder import UnitBuilder

__all__ = ["local_expression"]


@dataclass(frozen=True, slots=True)
class _Member:
    """One definition of a factory.

    Attributes:
        found: Where it is written.
        name: What the factory calls it; empty for a lambda that nothing names.
        text: Its text, with live values for what is gone.
        values: What it closed over.
        local: Names of the functions around it.
    """

    found: Definition
    name: str
    text: str
    values: dict[str, object]
    local: frozenset[str]

    @property
    def statement(self) -> str:
        """The text that binds the name."""
        return f"{self.name} = {self.text}" if isinstance(self.found.node, ast.Lambda) else self.text


def local_expression(builder: UnitBuilder, obj: object) -> tuple[str, tuple[int, ...]]:
    """An expression that makes `obj` anew, and where it belongs; what it needs is kept in `builder`.

    Raises:
        SerializationError: The definition cannot be found, or `obj` is a wrapper that no decorator made.
    """
    found, inner = _written(builder, obj)
    own = _member(builder, obj, found, inner, "")
    members = [own]
    for name, other in _circle(inner):
        members.append(_member(builder, other, definition(other), other, name))
    members.sort(key=lambda member: member.found.line)
    names = {member.name for member in members}
    used = {name for member in members for name in _locals_read(builder, member)}
    values = {name: value for member in members for name, value in member.values.items()}
    arguments = _arguments(builder, sorted(used - names), values)
    order = builder.order_of(found.source, found.statement)
    if not own.name and not arguments:
        return own.text, (*order, 2)
    scope = _scope(builder, members, own, tuple(arguments), (*order, 1))
    given = ", ".join(f"{name}={value}" for name, value in arguments.items())
    return f"{scope}({given})", (*order, 2)


def _written(builder: UnitBuilder, obj: object) -> tuple[Definition, object]:
    """The definition to write for `obj`: the decorated one, or that of a wrapper that was made by hand."""
    inner = unwrap(obj)
    found = definition(inner)
    if inner is obj or getattr(found.node, "decorator_list", None):
        return found, inner
    if isinstance(obj, FunctionType) and obj.__globals__ is builder.globals:
        return definition(obj, unwrapped=False), obj
    raise SerializationError(f"a {type(obj).__name__} made inside a function cannot be kept", found=shown(obj))


def _member(builder: UnitBuilder, obj: object, found: Definition, inner: object, name: str) -> _Member:
    local = {name for node in found.enclosing if isinstance(node, type_of_function) for name in names_bound(node)}
    text = found.source.segment(found.node, edits(found, inner, builder.globals, builder.refer, local))
    values = dict(_enclosed_values(inner))
    if isinstance(found.node, ast.ClassDef) and isinstance(inner, type):
        named = zip(found.node.bases, inner.__bases__, strict=False)
        values |= {base.id: value for base, value in named if isinstance(base, ast.Name) and base.id in local}
    builder.note_flags(inner, found)
    if isinstance(found.node, ast.Lambda):
        text = f"({text})" if "\n" in text else text
        name = name or next((key for key, value in values.items() if value is obj), "")
    else:
        name = found.node.name
    return _Member(found, name, text, values, frozenset(local))


def _locals_read(builder: UnitBuilder, member: _Member) -> frozenset[str]:
    return names_used(member.text, lazy_annotations=builder.lazy_annotations).all & member.local


def _arguments(builder: UnitBuilder, names: list[str], values: dict[str, object]) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for name in names:
        if name not in values:
            builder.miss(name, "a local name of a function that has returned")
            continue
        try:
            arguments[name] = expression(values[name], builder.refer)
        except UnkeepableError as error:
            builder.miss(name, str(error))
    return arguments


def _scope(
    builder: UnitBuilder, members: list[_Member], own: _Member, arguments: tuple[str, ...], order: tuple[int, ...]
) -> str:
    """The name of the factory for these definitions; two objects of one definition share it."""
    key = (id(own.found.node), *(member.text for member in members), arguments)
    if key not in builder.scopes:
        lines = [member.statement for member in members if member.name]
        lines.append(f"return {own.name or own.text}")
        body = "".join(f"{line}\n\n" if "\n" in line else f"{line}\n" for line in lines).rstrip("\n")
        name = builder.fresh("scope")
        builder.keep(Piece((name,), f"def {name}({', '.join(arguments)}):\n{indent(body)}", order))
        builder.scopes[key] = name
    return builder.scopes[key]


def _enclosed_values(obj: object) -> Iterator[tuple[str, object]]:
    """Names and values that a function, or the functions of a class, closed over."""
    functions = [obj] if isinstance(obj, FunctionType) else [*_functions(obj)] if isinstance(obj, type) else []
    for function in functions:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
            if name == "__class__":
                continue
            try:
                yield name, cell.cell_contents
            except ValueError:  # a name that its function had not assigned yet
                continue


def _functions(cls: type) -> Iterator[FunctionType]:
    yield from own_functions(cls)
    for value in list(vars(cls).values()):
        if isinstance(value, type) and value.__qualname__ == f"{cls.__qualname__}.{value.__name__}":
            yield from _functions(value)


def _circle(obj: object) -> list[tuple[str, FunctionType]]:
    """Functions that `obj` closes over and that close over it again, as in mutual recursion."""
    circle = []
    for name, other in _reached(obj).values():
        if other is not obj and any(back is obj for _, back in _reached(other).values()):
            circle.append((name, other))
    return circle


def _reached(obj: object) -> dict[int, tuple[str, FunctionType]]:
    reached: dict[int, tuple[str, FunctionType]] = {}
    queue = [obj]
    while queue:
        for name, value in _enclosed_values(queue.pop()):
            if isinstance(value, FunctionType) and id(value) not in reached:
                reached[id(value)] = (name, value)
                queue.append(value)
    return reached
