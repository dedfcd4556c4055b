"""Custom objects of a file to live classes and functions, under trust: data never bring their own code along.

Order: `custom_objects`, then `renamed`; what this process has already imported or registered under that very import
path; modules named in `trusted`; embedded source whose hash is in `trusted`. Everything that stays open is named in one
error.
"""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any

import keras

from ..errors import KeptWarning, Problem, UnsafeContentError, UntrustedCodeError
from .admission import is_admitted, is_standard_library, lookup, no_model_code
from .codecs.registered import ENCODING, PREFIX, part_named
from .nodes import mapped
from .recorded import FUNCTION, Recorded, stock_class, unrecorded
from .references import is_reference_path
from .renaming import Renaming
from .shelf import FileShelf
from .source_origins import describe
from .source_units import SourceUnit
from .value_nodes import VALUE_NAME, Reviving, ValueNode, holds_values, is_value_node

__all__ = ["resolve"]


def trusts(trusted: Collection[str], module: str) -> bool:
    """Whether a module, or a package it lies in, is named in `trusted`."""
    return any(module == one or module.startswith(one + ".") for one in trusted)


def _here(recorded: Recorded, alike: Collection[Recorded]) -> Any:
    """What this process has registered or imported for a record, or None.

    Args:
        recorded: The class or function.
        alike: Others of the same import path in the file; the source has to tell them apart then.
    """
    named = keras.saving.get_registered_object(recorded.registered_name)
    if not alike:
        if named is not None and (_has_path(recorded, named) or _has_source(recorded, named)):
            return named
        return lookup(recorded.import_path)
    if any(one.source_sha256 == recorded.source_sha256 for one in alike):  # closures that differ in their values
        return None
    module = vars(sys.modules[recorded.module]) if recorded.module in sys.modules else {}
    live = [one for one in list(module.values()) if isinstance(one, (type, types.FunctionType))]
    return next((one for one in (named, *live) if one is not None and _has_source(recorded, one)), None)


def _has_path(recorded: Recorded, found: Any) -> bool:
    origin = describe(found)
    return f"{origin.module}:{origin.qualname}" == recorded.import_path


def _has_source(recorded: Recorded, found: Any) -> bool:
    return recorded.source_sha256 is not None and describe(found).source_sha256 == recorded.source_sha256


def _register(found: Any, name: str) -> None:
    """Gives an object from embedded source the registered name it had, whatever its decorator now says."""
    package, separator, bare = name.partition(">")
    if separator and keras.saving.get_registered_name(found) != name:
        before = keras.saving.get_custom_objects().get(name)
        keras.saving.register_keras_serializable(package, bare)(found)
        if before is not None:
            keras.saving.get_custom_objects()[name] = before


class _Resolution:
    def __init__(
        self,
        renaming: Renaming,
        trusted: Collection[str],
        units: Mapping[str, SourceUnit],
        objects: Collection[Recorded],
    ) -> None:
        self.renaming = renaming
        self.objects = objects
        self.trusted = trusted
        self.units = units
        self.namespace: Any = None
        self.problems: list[Problem] = []
        self.unsafe: list[Problem] = []
        self.required: list[str] = []

    def find(self, recorded: Recorded) -> Any:
        """The live object for a record, or None after noting the problem."""
        found = self.renaming.given(recorded)
        found = part_named(recorded.registered_name) if found is None else found
        if found is not None:
            self._report_changed(recorded, found)
            return found
        found = _here(recorded, self._alike(recorded))
        if is_standard_library(recorded.module if found is None else getattr(found, "__module__", None) or "builtins"):
            if found is not None or recorded.reference is None:
                self._forbid(recorded)
                return None
        elif found is not None and (is_admitted(found) or trusts(self.trusted, recorded.module)):
            self._report_changed(recorded, found)
            return found
        if trusts(self.trusted, recorded.module):
            return self._import(recorded)
        if recorded.reference is not None and self._hash(recorded) in self.trusted:
            if self.namespace is None:
                from .embedded import load_units

                self.namespace = load_units(self.units, trusted=self.trusted)
            found = self.namespace.resolve(recorded.reference)
            _register(found, recorded.registered_name)
            return found
        self._refuse(recorded)
        return None

    def _alike(self, recorded: Recorded) -> list[Recorded]:
        return [one for one in self.objects if one is not recorded and one.import_path == recorded.import_path]

    def _hash(self, recorded: Recorded) -> str:
        unit = self.units.get((recorded.reference or "").partition(":")[0])
        return f"sha256:{unit.sha256}" if unit else ""

    def _import(self, recorded: Recorded) -> Any:
        try:
            importlib.import_module(recorded.module)
        except ImportError as error:
            self.problems.append(
                Problem(f"{recorded.name} cannot be imported: {error}", recorded.place, expected=recorded.import_path)
            )
            return None
        found = _here(recorded, self._alike(recorded))
        if found is None:
            self.problems.append(
                Problem(
                    f"{recorded.module} has no {recorded.name}",
                    recorded.place,
                    expected=recorded.import_path,
                    hint=_renaming_hint(recorded),
                )
            )
        return found

    def _forbid(self, recorded: Recorded) -> None:
        self.unsafe.append(Problem(f"{recorded.import_path} belongs to Python itself", recorded.place))

    def _report_changed(self, recorded: Recorded, found: Any) -> None:
        now = describe(found)
        before, after = recorded.source_sha256, now.source_sha256
        if before and after and before != after and f"{now.module}:{now.qualname}" == recorded.import_path:
            place = f"{now.file}:{now.line}" if now.file else now.module
            warnings.warn(
                f"the source of {recorded.import_path} has changed since the save: "
                f"sha256 {before[:12]} ({recorded.defined}) then, {after[:12]} ({place}) now",
                KeptWarning,
                stacklevel=2,
            )

    def _refuse(self, recorded: Recorded) -> None:
        if recorded.reference is not None and self.units:
            needed = [f"sha256:{unit.sha256}" for unit in self.units.values()]
        else:
            needed = [recorded.module]
        self.required += [one for one in needed if one not in self.required]
        is_gone = recorded.module in sys.modules and recorded.module != "__main__"
        if recorded.registered_name.startswith(PREFIX) and recorded.registered_name.endswith(ENCODING):
            return  # its other half is told
        self.problems.append(
            Problem(
                _missing(recorded.registered_name),
                recorded.place,
                expected=f"{recorded.import_path}, or a name in custom_objects",
                found=f"{recorded.name}, defined in {recorded.defined} when saved",
                hint=_renaming_hint(recorded) if is_gone else "",
            )
        )


def _missing(name: str) -> str:
    if name.startswith(PREFIX):
        return f"no codec is registered as {name.removeprefix(PREFIX)!r}, by which a value was written"
    return f"no class or function is imported or registered as {name!r}"


class _Pointing:
    """Points the nodes of a config at names that nothing else can have, and finds what they stand for."""

    def __init__(
        self,
        resolution: _Resolution,
        objects: Collection[Recorded],
        shelf: FileShelf,
        construct: Callable[[str, Any], Any],
    ) -> None:
        self.resolution = resolution
        self.shelf = shelf
        self.construct = construct
        self.by_node = {node: recorded for recorded in objects for node in recorded.nodes}
        self.found: dict[int, tuple[str, Any]] = {}

    def target(self, recorded: Recorded) -> tuple[str, Any]:
        """The name for a record, and the live object behind it."""
        if id(recorded) not in self.found:
            target = self.resolution.find(recorded)
            token = f"kept:{len(self.found)}>{recorded.name}"
            self.found[id(recorded)] = (token, target)
            self.shelf.named[token] = target
        return self.found[id(recorded)]

    def point(self, node: dict[str, Any], path: str) -> dict[str, Any]:
        """A node, pointed at what it stands for."""
        if is_value_node(node):
            return {**node, "registered_name": VALUE_NAME}
        recorded = self.by_node.get(path) or unrecorded(node, path)
        if recorded is None:
            return self._with_values(node, path)
        token, target = self.target(recorded)
        stand_in = self.resolution.renaming.constructing(target, self.construct(path, target), recorded.name)
        if holds_values(node["config"]) and target is not None:
            stand_in = Reviving(stand_in)
        if stand_in is not target:
            token = self._name(path, recorded.name, stand_in)
        key = "config" if node.get("class_name") == FUNCTION else "registered_name"
        return {**node, key: token}

    def _with_values(self, node: dict[str, Any], path: str) -> dict[str, Any]:
        """A node of Keras's own, whose config may hold values."""
        if not isinstance(node["config"], dict) or not holds_values(node["config"]):
            return node
        kind = stock_class(node)
        return node if kind is None else {**node, "registered_name": self._name(path, kind.__name__, Reviving(kind))}

    def _name(self, path: str, name: str, stand_in: Any) -> str:
        token = f"kept:{path}>{name}"
        self.shelf.named[token] = stand_in
        return token


def resolve(
    config: dict[str, Any],
    objects: Collection[Recorded],
    units: Mapping[str, SourceUnit],
    shelf: FileShelf,
    nodes: list[dict[str, Any]],
    *,
    renaming: Renaming,
    trusted: Collection[str],
    construct: Callable[[str, Any], Any] = lambda path, target: target,
) -> dict[str, Any]:
    """Finds every custom object of a config and of the values that go with it, and points the tree at them.

    Args:
        config: The config tree; not changed.
        objects: What the save recorded; empty for files of stock Keras.
        units: Embedded source by module.
        shelf: Gets what the names in the trees stand for, and what values ask for.
        nodes: Configs of objects that values hold; not changed.
        renaming: Given by the caller, by bare name, registered name or import path; wins over everything.
        trusted: Modules that may be imported, and `sha256:...` of sources that may be run.
        construct: Called with a node's path and its class; returns what stands for the class at that node.

    Returns:
        A tree whose nodes carry names that nothing else can have: those of `shelf.named`.

    Raises:
        UntrustedCodeError: Lists every object that stays open; `required` is what would allow them.
        UnsafeContentError: It asks for code of Python itself, or for what Keras has beside models.
    """
    resolution = _Resolution(renaming, trusted, units, objects)
    pointing = _Pointing(resolution, objects, shelf, construct)
    shelf.named.update({**renaming.custom_objects, VALUE_NAME: ValueNode(shelf)})
    tree: dict[str, Any] = mapped(config, "", pointing.point)
    shelf.nodes = [mapped(node, f"#{number}", pointing.point) for number, node in enumerate(nodes)]
    for recorded in objects:
        for path in filter(is_reference_path, recorded.nodes):
            shelf.references[path] = pointing.target(recorded)[1]
    unsafe = [*resolution.unsafe, *no_model_code([config, *nodes])]
    if unsafe:
        raise UnsafeContentError("the file asks for what no model needs", problems=unsafe)
    if resolution.problems:
        raise UntrustedCodeError(
            "loading needs code that is not here or not allowed",
            required=resolution.required,
            problems=resolution.problems,
            hint=_allowing(resolution.required, objects),
        )
    return tree


def _renaming_hint(recorded: Recorded) -> str:
    return f"if it has another name now: kept.load(path, renamed={{{recorded.import_path!r}: ...}})"


def _allowing(required: list[str], objects: Collection[Recorded]) -> str:
    modules = sorted({one.module for one in objects if one.module != "__main__"})
    ways = [f"kept.load(path, trusted={required!r})"] if required else []
    if modules:
        ways.append("import " + ", ".join(modules[:3]) + " first")
    return ", or ".join([*ways, "custom_objects={...}"])
