"""Custom objects of a file to live classes and functions, under trust: data never bring their own code along.

Order: `custom_objects`; what this process has already imported or registered under that very import path; modules named
in `trusted`; embedded source whose hash is in `trusted`. Everything that stays open is named in one error.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from ..errors import CorruptFileError, KeptWarning, Problem, UnsafeContentError, UntrustedCodeError, shown
from .admission import is_admitted, is_standard_library, lookup, no_model_code
from .embedded import load_units
from .serialize import nodes_of
from .sources import SourceUnit, describe

__all__ = ["Recorded", "resolve"]

_STOCK_PACKAGES = ("keras", "keras_hub", "keras_cv", "keras_nlp")
_BUILT_IN_FUNCTIONS = "function"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One custom class or function, as the save recorded it.

    Attributes:
        import_path: `module:qualname` at the time of the save.
        registered_name: `package>Name`, or the bare name.
        nodes: Paths in the config tree that stand for it.
        reference: Where embedded source has it (`module:expression`); None when no source is embedded.
        file: Source file when saved; None when unknown.
        line: Line of its definition.
        source_sha256: Hash of its definition.
        signature: Of its constructor, or of the function.
    """

    import_path: str
    registered_name: str
    nodes: tuple[str, ...]
    reference: str | None = None
    file: str | None = None
    line: int | None = None
    source_sha256: str | None = None
    signature: str | None = None

    @property
    def module(self) -> str:
        """Module part of the import path."""
        return self.import_path.partition(":")[0]

    @property
    def name(self) -> str:
        """Last part of the qualified name."""
        return self.import_path.rpartition(":")[2].rpartition(".")[2]

    @property
    def defined(self) -> str:
        """Where it was defined, for people."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.module

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {
            "import": self.import_path, "registered_name": self.registered_name, "nodes": list(self.nodes),
            "reference": self.reference, "file": self.file, "line": self.line,
            "source_sha256": self.source_sha256, "signature": self.signature,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recorded:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: A key is missing or of another type.
        """
        try:
            texts = [data[key] for key in ("import", "registered_name", *data["nodes"][:0])]
            if not all(isinstance(text, str) for text in [*texts, *data["nodes"]]):
                raise TypeError
            return cls(
                data["import"], data["registered_name"], tuple(data["nodes"]), data.get("reference"), data.get("file"),
                data.get("line"), data.get("source_sha256"), data.get("signature"),
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError) as error:
            raise CorruptFileError("an entry of kept.objects cannot be read", found=shown(data)) from error


def trusts(trusted: Collection[str], module: str) -> bool:
    """Whether a module, or a package it lies in, is named in `trusted`."""
    return any(module == one or module.startswith(one + ".") for one in trusted)


def _given(custom_objects: Mapping[str, Any], *names: str) -> Any:
    return next((custom_objects[name] for name in names if name in custom_objects), None)


def _registered(recorded: Recorded) -> Any:
    """A class registered here under the recorded name, if it is that very class: same import path or same source."""
    found = keras.saving.get_registered_object(recorded.registered_name)
    if found is None:
        return None
    origin = describe(found)
    same_path = f"{origin.module}:{origin.qualname}" == recorded.import_path
    same_source = recorded.source_sha256 is not None and origin.source_sha256 == recorded.source_sha256
    return found if same_path or same_source else None


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
        self, custom_objects: Mapping[str, Any], trusted: Collection[str], units: Mapping[str, SourceUnit]
    ) -> None:
        self.custom_objects = custom_objects
        self.trusted = trusted
        self.units = units
        self.namespace: Any = None
        self.problems: list[Problem] = []
        self.unsafe: list[Problem] = []
        self.required: list[str] = []

    def find(self, recorded: Recorded) -> Any:
        """The live object for a record, or None after noting the problem."""
        found = _given(self.custom_objects, recorded.import_path, recorded.registered_name, recorded.name)
        if found is not None:
            return found
        found = _registered(recorded) or lookup(recorded.import_path)
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
                self.namespace = load_units(self.units, trusted=self.trusted)
            found = self.namespace.resolve(recorded.reference)
            _register(found, recorded.registered_name)
            return found
        self._refuse(recorded)
        return None

    def _hash(self, recorded: Recorded) -> str:
        unit = self.units.get((recorded.reference or "").partition(":")[0])
        return f"sha256:{unit.sha256}" if unit else ""

    def _import(self, recorded: Recorded) -> Any:
        try:
            importlib.import_module(recorded.module)
        except ImportError as error:
            self.problems.append(
                Problem(
                    f"{recorded.name} cannot be imported: {error}", recorded.nodes[0], expected=recorded.import_path
                )
            )
            return None
        found = lookup(recorded.import_path)
        if found is None:
            self.problems.append(
                Problem(f"{recorded.module} has no {recorded.name}", recorded.nodes[0], expected=recorded.import_path)
            )
        return found

    def _forbid(self, recorded: Recorded) -> None:
        place = recorded.nodes[0] if recorded.nodes else "config"
        self.unsafe.append(Problem(f"{recorded.import_path} belongs to Python itself", place))

    def _report_changed(self, recorded: Recorded, found: Any) -> None:
        now = describe(found).source_sha256
        if recorded.source_sha256 and now and now != recorded.source_sha256:
            warnings.warn(
                f"the source of {recorded.import_path} has changed since the save ({recorded.defined})",
                KeptWarning,
                stacklevel=2,
            )

    def _refuse(self, recorded: Recorded) -> None:
        if recorded.reference is not None and self.units:
            needed = [f"sha256:{unit.sha256}" for unit in self.units.values()]
        else:
            needed = [recorded.module]
        self.required += [one for one in needed if one not in self.required]
        self.problems.append(
            Problem(
                f"no class or function is imported or registered as {recorded.registered_name!r}",
                recorded.nodes[0] if recorded.nodes else "config",
                expected=f"{recorded.import_path}, or a name in custom_objects",
                found=f"{recorded.name}, defined in {recorded.defined} when saved",
            )
        )


def resolve(
    config: dict[str, Any],
    objects: Collection[Recorded],
    units: Mapping[str, SourceUnit],
    *,
    custom_objects: Mapping[str, Any],
    trusted: Collection[str],
    safe_mode: bool,
    construct: Callable[[str, Any], Any] = lambda path, target: target,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Finds every custom object of a config and points the tree at it.

    Args:
        config: The config tree; not changed.
        objects: What the save recorded; empty for files of stock Keras.
        units: Embedded source by module.
        custom_objects: Given by the caller, by bare name, registered name or import path; wins over everything.
        trusted: Modules that may be imported, and `sha256:...` of sources that may be run.
        safe_mode: False lets stock Keras unmarshal lambdas that stock Keras wrote.
        construct: Called with a node's path and its class; returns what stands for the class at that node.

    Returns:
        A tree whose nodes carry names that nothing else can have, and the objects by those names.

    Raises:
        UntrustedCodeError: Lists every object that stays open; `required` is what would allow them.
        UnsafeContentError: A marshalled lambda, and `safe_mode` is True.
    """
    resolution = _Resolution(custom_objects, trusted, units)
    by_node = {node: recorded for recorded in objects for node in recorded.nodes}
    found: dict[int, tuple[str, Any]] = {}
    named: dict[str, Any] = dict(custom_objects)

    def point(node: dict[str, Any], path: str) -> dict[str, Any]:
        recorded = by_node.get(path) or _unrecorded(node, path)
        if recorded is None:
            return node
        if id(recorded) not in found:
            target = resolution.find(recorded)
            token = f"kept:{len(found)}>{recorded.name}"
            found[id(recorded)] = (token, target)
            named[token] = target
        token, target = found[id(recorded)]
        stand_in = construct(path, target)
        if stand_in is not target:
            token = f"kept:{path}>{recorded.name}"
            named[token] = stand_in
        key = "config" if node.get("class_name") == _BUILT_IN_FUNCTIONS else "registered_name"
        return {**node, key: token}

    tree = _mapped(config, "", point)
    _raise_lambdas(config, safe_mode)
    unsafe = [*resolution.unsafe, *no_model_code(config)]
    if unsafe:
        raise UnsafeContentError("the file asks for what no model needs", problems=unsafe)
    if resolution.problems:
        raise UntrustedCodeError(
            "loading needs code that is not here or not allowed",
            required=resolution.required,
            problems=resolution.problems,
            hint=_allowing(resolution.required, objects),
        )
    return tree, named


def _allowing(required: list[str], objects: Collection[Recorded]) -> str:
    modules = sorted({one.module for one in objects if one.module != "__main__"})
    ways = [f"kept.load(path, trusted={required!r})"] if required else []
    if modules:
        ways.append("import " + ", ".join(modules[:3]) + " first")
    return ", or ".join([*ways, "custom_objects={...}"])


def _mapped(value: Any, path: str, point: Any) -> Any:
    if isinstance(value, dict):
        inner = {key: _mapped(child, f"{path}.{key}" if path else key, point) for key, child in value.items()}
        return point(inner, path) if "class_name" in inner and "config" in inner else inner
    if isinstance(value, list):
        return [_mapped(child, f"{path}[{index}]", point) for index, child in enumerate(value)]
    return value


def _unrecorded(node: dict[str, Any], path: str) -> Recorded | None:
    """A custom object in a file that stock Keras wrote: known by module, class name and registered name."""
    name, module = node.get("class_name"), node.get("module")
    registered = node.get("registered_name")
    if not isinstance(name, str) or name.startswith("__"):
        return None
    if name == _BUILT_IN_FUNCTIONS:
        name = registered = node.get("config")
        if not isinstance(name, str) or (module == "builtins" and _is_stock_function(name)):
            return None
        module = "__main__" if module == "builtins" else module
    if isinstance(module, str) and module.partition(".")[0] in _STOCK_PACKAGES:
        return None
    if "module" not in node and "registered_name" not in node:
        return None
    bare = name.rpartition(">")[2]
    return Recorded(f"{module or '__main__'}:{bare}", registered if isinstance(registered, str) else bare, (path,))


def _is_stock_function(name: str) -> bool:
    modules = (
        keras.activations,
        keras.losses,
        keras.metrics,
        keras.initializers,
        keras.regularizers,
        keras.constraints,
    )
    return any(hasattr(module, name) for module in modules) or hasattr(keras.ops, name)


def _raise_lambdas(config: dict[str, Any], safe_mode: bool) -> None:
    paths: Iterator[str] = (path for path, node in nodes_of(config) if node.get("class_name") == "__lambda__")
    problems = [Problem("marshalled Python bytecode of a lambda", path) for path in paths]
    if problems and safe_mode:
        raise UnsafeContentError(
            "the file holds code that plain Keras marshalled",
            problems=problems,
            hint="only if you trust whoever wrote it: kept.load(path, safe_mode=False)",
        )
