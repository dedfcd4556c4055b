"""Runs embedded source that the caller trusts, and finds the objects it defines.

No unit runs unless its hash was named. A unit runs in a module of its own that is not in `sys.modules`; what it
imports is looked for among the units of the same file first.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.util
import linecache
import sys
import threading
from collections.abc import Container, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from kept.errors import CorruptFileError, KeptError, UntrustedCodeError, shown
from kept.runtime.source_files import statements
from kept.runtime.source_imports import FINDER
from kept.runtime.source_origins import home, remember_home
from kept.runtime.source_units import SourceUnit, digest

__all__ = ["Namespace", "load_units"]

_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)
_LOCK = threading.RLock()
_LOADED: dict[tuple[tuple[str, str, str], ...], _Modules] = {}


def load_units(units: Mapping[str, SourceUnit], *, trusted: Container[str]) -> Namespace:
    """Makes the objects of embedded units reachable; runs nothing yet.

    Args:
        units: Units by module name.
        trusted: "sha256:<hex>" of every unit that may run.

    Raises:
        CorruptFileError: A text does not have the hash it is listed with.
    """
    for name, unit in units.items():
        if unit.module != name:
            raise CorruptFileError("a source unit is listed under another name", where=name, found=unit.module)
        if digest(unit.text) != unit.sha256:
            raise CorruptFileError(
                "embedded source does not have its recorded hash",
                where=name,
                expected=f"sha256:{unit.sha256}",
                found=f"sha256:{digest(unit.text)}",
            )
    return Namespace(dict(units), trusted)


class Namespace:
    """The objects of the embedded units of one file."""

    def __init__(self, units: dict[str, SourceUnit], trusted: Container[str]) -> None:
        self._units = units
        self._trusted = trusted
        key = tuple(sorted((unit.module, unit.sha256, unit.package) for unit in units.values()))
        with _LOCK:
            self._modules = _LOADED.setdefault(key, _Modules(units))

    def required(self, references: Iterable[str]) -> list[str]:
        """What would have to be trusted, and is not, to resolve `references`; runs nothing."""
        needed: dict[str, None] = {}
        for reference in references:
            for unit in self._needed(reference.partition(":")[0]):
                if unit.trust not in self._trusted:
                    needed[unit.trust] = None
        return list(needed)

    def resolve(self, reference: str) -> Any:
        """The object that `SourceCollector.add` gave `reference` for.

        Raises:
            UntrustedCodeError: A unit it needs is not trusted; `required` lists all of them.
            CorruptFileError: There is no such unit, or it does not define the name.
            KeptError: The source raised an error when it ran.
        """
        module_name, _, path = reference.partition(":")
        if module_name not in self._units or not all(part.isidentifier() for part in path.split(".")):
            raise CorruptFileError("no embedded source for a reference", found=shown(reference))
        required = self.required([reference])
        if required:
            unit = self._units[module_name]
            raise UntrustedCodeError(
                f"the source of {path} is in the file and has not been trusted",
                required=required,
                where=reference,
                found=f"from {unit.file}",
                hint=f"read it, then load with trusted={required}",
            )
        module = self._modules.load(module_name, self._trusted)
        found: Any = module
        for part in path.split("."):
            try:
                found = vars(found)[part]
            except (KeyError, TypeError):
                raise CorruptFileError("embedded source does not define a name", where=reference, found=part) from None
            found = found.__func__ if isinstance(found, staticmethod) else found
        if not self._modules.defines(found) and path not in _defined_names(self._units[module_name]):
            raise CorruptFileError("embedded source does not define an object, it only uses it", where=reference)
        return found

    def _needed(self, name: str) -> Iterator[SourceUnit]:
        seen: set[str] = set()
        queue = [name]
        while queue:
            name = queue.pop(0)
            if name in self._units and name not in seen:
                seen.add(name)
                yield self._units[name]
                queue += self._units[name].uses
            queue += filter(None, [name.rpartition(".")[0]])


class _Modules:
    """The modules made from one set of units, shared by every load of the same texts in this process."""

    def __init__(self, units: dict[str, SourceUnit]) -> None:
        self.units = units
        self.modules: dict[str, ModuleType] = {}
        self.allowed: set[str] = set()

    def load(self, name: str, trusted: Container[str]) -> ModuleType:
        """Runs a unit, once; what it imports, now or when it is called later, has to be trusted too."""
        with _LOCK:
            self.allowed.update(unit.trust for unit in self.units.values() if unit.trust in trusted)
            return self._with_parents(name)

    def defines(self, obj: object) -> bool:
        """Whether a class or function was written in one of the units, and not imported by one."""
        module = home(obj)
        return module is not None and any(module is vars(known) for known in self.modules.values())

    def has(self, name: str) -> bool:
        """Whether `name` is a unit or a package that holds one."""
        return name in self.units or any(unit.startswith(f"{name}.") for unit in self.units)

    def find(self, name: str) -> ModuleType | None:
        """The module already made for `name`."""
        return self.modules.get(name)

    def module(self, name: str) -> ModuleType:
        """The module for a unit or for a package that only holds units."""
        if name in self.modules:
            return self.modules[name]
        unit = self.units.get(name)
        if unit is None:
            package = self.modules[name] = ModuleType(name)
            package.__path__ = []
            return package
        if unit.trust not in self.allowed:
            raise UntrustedCodeError(
                f"the embedded source of {name} has not been trusted", required=[unit.trust], found=f"from {unit.file}"
            )
        return self._run(unit)

    def _run(self, unit: SourceUnit) -> ModuleType:
        filename = f"<kept {unit.file} {unit.sha256[:8]}>"
        linecache.cache[filename] = (len(unit.text), None, unit.text.splitlines(keepends=True), filename)
        module = ModuleType(unit.module)
        module.__dict__.update(
            __file__=filename,
            __package__=unit.package,
            __kept_file__=unit.file,
            __builtins__={**vars(builtins), "__import__": self._import},
        )
        module.__dict__[FINDER] = self.find
        if unit.package == unit.module:
            module.__path__ = []
        self.modules[unit.module] = module
        try:
            code = compile(_checked_tree(unit), filename, "exec", dont_inherit=True)
            with _visible(module), _registrations_kept():
                exec(code, module.__dict__)  # the one place where trusted source runs
        except KeptError:
            del self.modules[unit.module]
            raise
        except Exception as error:
            del self.modules[unit.module]
            raise KeptError(
                f"the embedded source of {unit.module} raised {type(error).__name__}: {error}",
                where=unit.file,
                hint=f"it could not keep: {', '.join(unit.missing)}" if unit.missing else "",
            ) from error
        _remember_classes(module)
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Iterable[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """`__import__` for embedded code: the units of the same file first."""
        package = str((globals or {}).get("__package__") or "")
        wanted = importlib.util.resolve_name("." * level + name, package) if level and package else name
        if not self.has(wanted):
            return builtins.__import__(name, globals, locals, tuple(fromlist or ()), level)
        module = self._with_parents(wanted)
        for part in fromlist or ():
            if not hasattr(module, part) and self.has(f"{wanted}.{part}"):
                self._with_parents(f"{wanted}.{part}")
        return module if fromlist else self.module(wanted.partition(".")[0])

    def _with_parents(self, name: str) -> ModuleType:
        parent, _, own = name.rpartition(".")
        above = self._with_parents(parent) if parent else None
        module = self.module(name)
        if above is not None:
            setattr(above, own, module)
        return module


def _checked_tree(unit: SourceUnit) -> ast.Module:
    """Parses a unit; the script part of a file must not run because somebody lists it under the name `__main__`."""
    tree = ast.parse(unit.text, filename=unit.file)
    for statement in tree.body:
        if unit.module == "__main__" and not isinstance(statement, _DEFINING):
            raise CorruptFileError("embedded source of a script holds more than definitions", where=unit.file)
    return tree


def _defined_names(unit: SourceUnit) -> set[str]:
    """Names that `def` and `class` statements bind, whatever a decorator made of them."""
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in statements(ast.parse(unit.text).body) if isinstance(node, defining)}


@contextlib.contextmanager
def _visible(module: ModuleType) -> Iterator[None]:
    """Shows a module in `sys.modules` while it runs: dataclasses look there for what string annotations name."""
    name = module.__name__
    if name in sys.modules:
        yield
        return
    sys.modules[name] = module
    try:
        yield
    finally:
        if sys.modules.get(name) is module:
            del sys.modules[name]


@contextlib.contextmanager
def _registrations_kept() -> Iterator[None]:
    """What was registered with Keras before stays what it was; embedded code may only add."""
    saving = getattr(sys.modules.get("keras"), "saving", None)
    registered: dict[str, Any] = saving.get_custom_objects() if saving else {}
    before = dict(registered)
    try:
        yield
    finally:
        if saving:
            saving.get_custom_objects().update(before)


def _remember_classes(module: ModuleType) -> None:
    queue = [value for value in vars(module).values() if isinstance(value, type)]
    seen: set[type] = set()
    while queue:
        cls = queue.pop()
        if cls not in seen and cls.__module__ == module.__name__:
            seen.add(cls)
            remember_home(cls, module.__dict__)
            queue += [value for value in vars(cls).values() if isinstance(value, type)]
