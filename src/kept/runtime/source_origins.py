"""Where a live class or function comes from: its module, file, line and the text that defines it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import linecache
import site
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from kept.errors import SerializationError
from kept.runtime.source_files import Definition, SourceFile, read, same_code
from kept.runtime.source_names import targets

__all__ = [
    "ObjectOrigin",
    "definition",
    "describe",
    "home",
    "is_local",
    "is_local_module",
    "module_files",
    "own_functions",
    "remember_home",
    "unwrap",
]

_T = TypeVar("_T")
_WRAPPED = ("__wrapped__", "python_function", "py_func", "_torchdynamo_orig_callable", "__func__")
_ALWAYS_INSTALLED = frozenset({"kept", "keras", "tensorflow", "torch", "jax", "numpy"})
_PLAIN_LOADERS = frozenset({"SourceFileLoader", "NoneType", "type"})
_HOMES: WeakKeyDictionary[type, dict[str, Any]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class ObjectOrigin:
    """Where an object was defined.

    Attributes:
        module: Name of its module.
        qualname: Its name inside the module.
        file: The file or notebook cell, if known.
        line: The line its definition starts on, if known.
        source_sha256: Hex digest of the dedented text of its definition, if that was found.
        signature: Signature of the function or of the constructor, if there is one to read.
    """

    module: str
    qualname: str
    file: str | None = None
    line: int | None = None
    source_sha256: str | None = None
    signature: str | None = None


def remember_home(cls: type, module: dict[str, Any]) -> None:
    """Records the globals of a class whose module is not in `sys.modules`."""
    with contextlib.suppress(TypeError):
        _HOMES.setdefault(cls, module)


def unwrap(obj: object) -> object:
    """The function under decorators (`functools.wraps`, `tf.function`, `staticmethod`...), or the object itself."""
    for _ in range(20 * (not isinstance(obj, ModuleType))):
        if isinstance(obj, type | FunctionType) and "__wrapped__" not in vars(obj):
            return obj
        if isinstance(obj, property):
            obj = obj.fget
        if isinstance(obj, functools.cached_property):
            obj = obj.func
        parts: list[object] = [_attribute(obj, name) for name in _WRAPPED]
        inner = next(filter(callable, parts), None)
        if inner is None or isinstance(obj, type):
            return obj
        obj = inner
    return obj


def _attribute(obj: object, name: str) -> object:
    try:
        return getattr(obj, name, None)
    except Exception:  # any wrapper may compute the attribute and fail
        return None


def own_functions(cls: type) -> Iterator[FunctionType]:
    """The functions written in the body of `cls`, found by the name their code was compiled under."""
    for value in list(vars(cls).values()):
        parts = (value.fget, value.fset, value.fdel) if isinstance(value, property) else (value,)
        for part in parts:
            function = unwrap(part)
            if isinstance(function, FunctionType) and _owner(function) == cls.__name__:
                yield function


def _owner(function: FunctionType) -> str:
    return f".{_qualname(function)}".rsplit(".", 2)[-2]


def _qualname(function: FunctionType) -> str:
    return function.__code__.co_qualname


def home(obj: object) -> dict[str, Any] | None:
    """The globals that a class or function was defined in."""
    inner = unwrap(obj)
    if isinstance(inner, FunctionType):
        return inner.__globals__
    if not isinstance(inner, type):
        return None
    if inner in _HOMES:
        return _HOMES[inner]
    named = next((function.__globals__ for function in own_functions(inner)), None)
    if named is None and (module := sys.modules.get(inner.__module__)):
        named = vars(module)
    given = (unwrap(value) for value in list(vars(inner).values()))
    return named or next((value.__globals__ for value in given if isinstance(value, FunctionType)), None)


def is_local(obj: object) -> bool:
    """Whether an object or module is somebody's own code, and not part of an installed distribution or the stdlib."""
    if isinstance(obj, ModuleType):
        return is_local_module(vars(obj))
    inner = unwrap(obj)
    if not isinstance(inner, type | FunctionType):
        inner = type(inner)
    module = home(inner)
    return is_local_module(module) if module else inner.__module__ not in sys.builtin_module_names


def is_local_module(module: dict[str, Any]) -> bool:
    """Whether the module with these globals is somebody's own code."""
    name = str(module.get("__name__", ""))
    if name == "__main__":
        return True
    if name.partition(".")[0] in _ALWAYS_INSTALLED:
        return False
    spec = module.get("__spec__")
    file = module.get("__file__") or getattr(spec, "origin", None)
    folders = getattr(spec, "submodule_search_locations", None)
    if file is None and folders:
        return not any(_is_installed(str(folder)) for folder in folders)
    if file in ("built-in", "frozen") or name in sys.builtin_module_names:
        return False
    return file is None or (not str(file).endswith((".so", ".pyd")) and not _is_installed(str(file)))


@functools.lru_cache(maxsize=4096)
def _is_installed(file: str) -> bool:
    path = Path(file)
    if {"site-packages", "dist-packages"} & set(path.parts):
        return True
    return any(path.is_relative_to(folder) for folder in _installed_folders())


@functools.cache
def _installed_folders() -> frozenset[Path]:
    paths = sysconfig.get_paths()
    found = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib") if key in paths}
    with contextlib.suppress(AttributeError):
        found |= {*site.getsitepackages(), site.getusersitepackages()}
    return frozenset(Path(folder) for folder in found if folder)


def definition(obj: object, *, unwrapped: bool = True) -> Definition:
    """Finds the text that defines a class, function or lambda.

    Among several definitions of one name it takes the one whose compiled code is that of the live object.

    Args:
        obj: The live object.
        unwrapped: Whether to look for the function under decorators.

    Raises:
        SerializationError: There is no text, or it was edited since the object was made from it.
    """
    inner = unwrap(obj) if unwrapped else obj
    if isinstance(inner, FunctionType):
        return _function_definition(inner)
    if isinstance(inner, type):
        return _class_definition(inner)
    raise SerializationError(f"{type(inner).__name__} object has no definition of its own", found=repr(inner)[:80])


def _function_definition(function: FunctionType) -> Definition:
    code = function.__code__
    sources = read(code.co_filename, function.__globals__)
    for source in sources:
        alike = [c for c in source.codes(code.co_flags) if c.co_name == code.co_name and same_code(c, code)]
        alike.sort(key=lambda c: (not _same_place(c, code), c.co_qualname != code.co_qualname))
        found = source.definition_of(alike[0]) if alike else None
        if found:
            return found
    if sources and _is_rewritten(function.__globals__) and (found := sources[0].definition_of(code)):
        return found
    raise _no_definition(function.__qualname__, code.co_filename, bool(sources))


def _same_place(one: Any, other: Any) -> bool:
    return one.co_firstlineno == other.co_firstlineno and list(one.co_positions()) == list(other.co_positions())


def _class_definition(cls: type) -> Definition:
    functions = [f for f in own_functions(cls) if not f.__code__.co_filename.startswith("<string>")]
    module = home(cls) or {}
    if not functions:
        return _plain_class_definition(cls, module)
    filename = functions[0].__code__.co_filename
    functions = [f for f in functions if f.__code__.co_filename == filename]
    sources = read(filename, module)
    for source in sources:
        places = _class_places(source, functions)
        found = [d for d in source.definitions if d.node in places and d.name == cls.__name__]
        best = max(found, key=lambda d: places[d.node], default=None)
        if best and places[best.node][0] == len(functions):
            return best
    if sources and _is_rewritten(module):
        lines = [f.__code__.co_firstlineno for f in functions]
        for d in sources[0].definitions:
            if d.name == cls.__name__ and d.line <= min(lines) and max(lines) <= (d.node.end_lineno or 0):
                return d
    raise _no_definition(cls.__qualname__, filename, bool(sources))


def _class_places(source: SourceFile, functions: list[FunctionType]) -> dict[object, tuple[int, int]]:
    """For each class of `source`: how many of `functions` it defines, and how many on the very same line."""
    places: dict[object, tuple[int, int]] = {}
    for function in functions:
        code = function.__code__
        counted: dict[object, bool] = {}
        for other in source.codes(code.co_flags):
            if other.co_name == code.co_name and same_code(other, code):
                found = source.definition_of(other)
                if found and found.enclosing:
                    exact = other.co_firstlineno == code.co_firstlineno
                    counted[found.enclosing[-1]] = counted.get(found.enclosing[-1], False) or exact
        for node, exact in counted.items():
            known = places.get(node, (0, 0))
            places[node] = (known[0] + 1, known[1] + exact)
    return places


def _plain_class_definition(cls: type, module: dict[str, Any]) -> Definition:
    """A class without functions of its own: by name, and where that is not enough by what its body binds."""
    names = {name for name in vars(cls) if not name.startswith("__")}
    line = vars(cls).get("__firstlineno__")
    found: list[tuple[tuple[bool, int], Definition]] = []
    files = module_files(module)
    for filename in files:
        for source in read(filename, module)[:1]:
            for position, d in enumerate(source.definitions):
                if d.name == cls.__name__ and _dotted(d) == cls.__qualname__:
                    found.append(((d.line == line, -len(names ^ _assigned(d)) * 10_000 + position), d))
    if not found:
        raise _no_definition(cls.__qualname__, ", ".join(files), bool(files))
    return max(found, key=lambda pair: pair[0])[1]


def _assigned(d: Definition) -> set[str]:
    body: Any = getattr(d.node, "body", [])
    return {name for statement in body for name in targets(statement)} if isinstance(body, list) else set()


def _dotted(d: Definition) -> str:
    parts = []
    for node in d.enclosing:
        parts += [getattr(node, "name", "<lambda>")]
        parts += [] if type(node).__name__ == "ClassDef" else ["<locals>"]
    return ".".join([*parts, d.name])


def module_files(module: dict[str, Any]) -> list[str]:
    """The files and notebook cells that a module was made from, oldest first."""
    files = {str(module["__file__"]): None} if module.get("__file__") else {}
    if module.get("__name__") == "__main__" and ("In" in module or "get_ipython" in module):
        files.update(dict.fromkeys(n for n in linecache.cache if n.startswith("<ipython-input") or "ipykernel_" in n))
    for value in list(module.values()):
        if isinstance(value, FunctionType) and value.__globals__ is module:
            files.setdefault(value.__code__.co_filename)
        elif isinstance(value, type) and value.__module__ == module.get("__name__"):
            files.update(dict.fromkeys(f.__code__.co_filename for f in own_functions(value) if f.__globals__ is module))
    return [file for file in files if file != "<string>"]


def _is_rewritten(module: dict[str, Any]) -> bool:
    """Whether an import hook changed the code (pytest does), so that it cannot equal what the text compiles to."""
    return type(module.get("__loader__")).__name__ not in _PLAIN_LOADERS


def _no_definition(name: str, file: str, has_text: bool) -> SerializationError:
    if has_text:
        return SerializationError(
            f"{file} no longer holds the code that '{name}' was made from",
            hint="the file was edited after it was imported: run it again, or undo the edit",
        )
    return SerializationError(
        f"the source of '{name}' is not available",
        found=file or "no file",
        hint="define it in a file or a notebook cell",
    )


def describe(obj: object) -> ObjectOrigin:
    """Says where an object was defined, as far as that can be known; never raises."""
    inner = unwrap(obj)
    if not isinstance(inner, type | FunctionType):
        inner = inner if isinstance(_attribute(inner, "__qualname__"), str) else type(inner)
    name = str(_attribute(inner, "__qualname__"))
    module = _quietly(lambda: str((home(inner) or {}).get("__name__") or inner.__module__)) or "builtins"
    found = _quietly(lambda: definition(inner)) if _quietly(lambda: is_local(inner)) else None
    signature = _quietly(lambda: str(inspect.signature(inner)))  # type: ignore[arg-type]
    if found:
        digest = hashlib.sha256(found.text.encode()).hexdigest()
        return ObjectOrigin(module, name, found.source.name, found.line, digest, signature)
    file = _quietly(lambda: inspect.getfile(inner))  # type: ignore[arg-type]
    code = getattr(inner, "__code__", None)
    return ObjectOrigin(module, name, file, getattr(code, "co_firstlineno", None), None, signature)


def _quietly(ask: Callable[[], _T]) -> _T | None:
    try:
        return ask()
    except Exception:  # user classes may raise anything from any attribute
        return None
