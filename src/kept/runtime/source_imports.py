"""Import statements for a unit: those the module had, and new ones for what it reached in other ways."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kept.runtime.source_names import absolute, imported_modules
from kept.runtime.source_origins import is_local, is_local_module
from kept.runtime.source_units import Piece
from kept.runtime.source_values import UnkeepableError

if TYPE_CHECKING:
    from kept.runtime.source_builder import UnitBuilder

__all__ = ["FINDER", "LAST", "find_module", "follow_all", "generated", "public_path", "reference", "written"]

LAST = (1_000_000, 0, 0)
FINDER = "__kept_find__"


def find_module(name: str, module: dict[str, Any]) -> ModuleType | None:
    """The loaded module that code in `module` gets when it imports `name`; embedded ones come first."""
    finder = module.get(FINDER)
    found = finder(name) if finder else None
    return found or sys.modules.get(name)


def written(builder: UnitBuilder, statement: ast.stmt, name: str, value: object) -> Iterator[Piece]:
    """Pieces for an import statement of the module, if it is what gave `name` its value."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if (alias.asname or alias.name.partition(".")[0]) == name:
                yield from _module_piece(builder, alias, name, value)
    elif isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
        module = find_module(absolute(statement, builder.package), builder.globals)
        for alias in statement.names:
            taken = name if alias.name == "*" else alias.name
            if module and (alias.asname or taken) == name and getattr(module, taken, builder) is value:
                yield from _from_piece(builder, module, taken, name, value)


def _module_piece(builder: UnitBuilder, alias: ast.alias, name: str, value: object) -> Iterator[Piece]:
    wanted = alias.name if alias.asname else name
    module = find_module(wanted, builder.globals)
    if module is None or module is not value:
        return
    text = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
    if not is_local(module):
        yield Piece((name,), text, LAST, "import")
        yield from () if alias.asname else _submodules(builder, name)
    elif _follow_path(builder, alias.name):
        yield Piece((name,), text, LAST, "import", unit=alias.name)
        yield from () if alias.asname else _submodules(builder, name)


def _submodules(builder: UnitBuilder, name: str) -> Iterator[Piece]:
    """Other statements like `import name.part`: each adds an attribute to the same module."""
    for source in builder.sources:
        for statement in source.tree.body:
            for alias in statement.names if isinstance(statement, ast.Import) else ():
                if alias.name.startswith(f"{name}.") and not alias.asname:
                    module = find_module(alias.name, builder.globals)
                    unit = alias.name if module and is_local(module) and _follow_path(builder, alias.name) else ""
                    if module:
                        yield Piece((alias.name,), f"import {alias.name}", LAST, "import", unit=unit)


def _from_piece(builder: UnitBuilder, module: ModuleType, taken: str, name: str, value: object) -> Iterator[Piece]:
    text = taken if taken == name else f"{taken} as {name}"
    if not is_local(module):
        yield Piece((name,), text, LAST, "from", module.__name__)
    elif isinstance(value, ModuleType) and is_local(value):
        unit = builder.collection.builder(vars(value))
        if unit.make_whole() and unit.name == f"{module.__name__}.{taken}":
            yield Piece((name,), text, LAST, "from", module.__name__, unit.name)
    else:
        unit = builder.collection.builder(vars(module))
        if unit is not builder and unit.ensure(taken):
            yield Piece((name,), text, LAST, "from", unit.name, unit.name)


def generated(builder: UnitBuilder, name: str, value: object) -> Piece | None:
    """An import that binds `name` to a module, or to an object of another module; None for anything else."""
    if isinstance(value, ModuleType):
        return _whole_module(builder, name, value)
    try:
        module, path = public_path(value, builder.globals)
    except UnkeepableError:
        return None
    if "." in path:
        return None
    home = find_module(module, builder.globals)
    if home is None or vars(home) is builder.globals:
        return None
    return next(_from_piece(builder, home, path, name, value), None)


def _whole_module(builder: UnitBuilder, name: str, value: ModuleType) -> Piece | None:
    path = value.__name__
    if is_local(value):
        unit = builder.collection.builder(vars(value))
        if unit is builder or not unit.make_whole():
            raise UnkeepableError(f"the module {path} cannot be kept as a whole")
        path = unit.name
    elif find_module(path, builder.globals) is not value:
        raise UnkeepableError(f"the module {path} is not importable")
    unit_name = path if is_local(value) else ""
    text = f"import {path}" if path == name else f"import {path} as {name}"
    return Piece((name,), text, LAST, "import", unit=unit_name)


def reference(builder: UnitBuilder, obj: object) -> tuple[Piece, str]:
    """A new import for a module or installed object, and the expression that uses it.

    Raises:
        UnkeepableError: It has no public place.
    """
    if isinstance(obj, ModuleType):
        name = _free(builder, "np" if obj.__name__ == "numpy" else obj.__name__.rpartition(".")[2])
        piece = builder.pieces.get(name) or _whole_module(builder, name, obj)
        assert piece is not None
        return piece, name
    module, path = public_path(obj, builder.globals)
    root, dot, rest = path.partition(".")
    home = find_module(module, builder.globals)
    if home is None or is_local(home):
        raise UnkeepableError(f"{path} is not importable")
    name = _free(builder, root)
    text = root if name == root else f"{root} as {name}"
    return builder.pieces.get(name) or Piece((name,), text, LAST, "from", module), name + dot + rest


def _free(builder: UnitBuilder, name: str) -> str:
    return name if name not in builder.globals else f"_kept_{name}"


def public_path(obj: object, module: dict[str, Any]) -> tuple[str, str]:
    """Module and dotted name by which an object can be imported.

    Raises:
        UnkeepableError: No loaded module has it under its name.
    """
    api: Any = sys.modules.get("keras.src.api_export")
    candidates: list[tuple[str, str]] = []
    try:
        known = api.get_name_from_symbol(obj) if api and callable(obj) else None
    except TypeError:  # not hashable
        known = None
    if known:
        candidates.append((known.rpartition(".")[0], known.rpartition(".")[2]))
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    if isinstance(name, str) and callable(obj):
        candidates.append((str(getattr(obj, "__module__", None)), name))
        modules = [value.__name__ for value in list(module.values()) if isinstance(value, ModuleType)]
        candidates += [(found, name) for found in modules]
    for path, dotted in candidates:
        found: object = find_module(path, module)
        for part in dotted.split("."):
            found = getattr(found, part, None)
        if found is obj and found is not None:
            return path, dotted
    raise UnkeepableError(f"a {type(obj).__name__}")


def follow(builder: UnitBuilder, module: str, names: tuple[str, ...]) -> bool:
    """Makes units of what an import of a local module will ask for; says whether the unit `module` is there.

    Args:
        builder: The unit that has the import.
        module: Absolute name of the imported module.
        names: Names taken from it; none when the module itself is imported.
    """
    found = find_module(module, builder.globals)
    if found is not None and not is_local(found):
        return False
    names_in = vars(found) if found else _not_imported(module, builder)
    if names_in is None:
        return False
    unit = builder.collection.builder(names_in)
    if unit is builder or unit.name != module:
        return unit is builder
    builder.followed |= {module}
    if not names or "*" in names:
        return unit.make_whole()
    for name in names:
        inner = find_module(f"{module}.{name}", builder.globals)
        if name not in names_in or names_in[name] is inner:
            follow(builder, f"{module}.{name}", ())
        else:
            unit.ensure(name)
    return found is not None or unit.make_whole()


def _not_imported(module: str, builder: UnitBuilder) -> dict[str, Any] | None:
    """Globals, empty but for its name and file, of a local module that a function would import when it is called."""
    parent = module.rpartition(".")[0]
    if FINDER in builder.globals or (parent and parent not in sys.modules):
        return None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    if spec is None or not str(spec.origin).endswith(".py"):
        return None
    empty = builder.collection.unloaded.setdefault(module, {"__name__": module, "__file__": spec.origin})
    empty |= {"__spec__": spec, "__package__": spec.parent, "__path__": spec.submodule_search_locations}
    return empty if is_local_module(empty) else None


def _follow_path(builder: UnitBuilder, module: str) -> bool:
    """Follows `import a.b.c`, after which the packages can be used as well."""
    parts = module.split(".")
    return [follow(builder, ".".join(parts[:count]), ()) for count in range(1, len(parts) + 1)][-1]


def follow_all(builder: UnitBuilder, tree: ast.AST) -> None:
    """Follows every import in `tree`."""
    for module, names in imported_modules(tree, builder.package):
        if names:
            follow(builder, module, names)
        else:
            _follow_path(builder, module)
