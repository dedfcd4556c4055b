"""What Keras itself is made of, release by release: read from files that ship with kept, Keras is not imported.

`tests/keras_catalogue.py` writes the files. A release without one is taken for the nearest older release that has one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kept.errors import KeptError
from kept.source.kinds import Kind, ParameterKind
from kept.source.spelling import keras_name

__all__ = ["Catalogue", "KerasClass", "KerasFunction", "KerasParameter", "catalogue"]

_HOME = Path(__file__).parent
_SWAPPED = (Kind.INITIALIZER, Kind.REGULARIZER, Kind.CONSTRAINT)


@dataclass(frozen=True, slots=True)
class KerasParameter:
    """One parameter of a constructor or function of Keras.

    Attributes:
        name: Without stars.
        kind: How it takes its argument.
        default: As Python writes it, `...` for what is no plain value; None where there is no default.
    """

    name: str
    kind: ParameterKind
    default: str | None = None

    @property
    def is_required(self) -> bool:
        """Whether a call must give it."""
        return self.default is None and self.kind not in (ParameterKind.VARIADIC, ParameterKind.VARIADIC_KEYWORD)


@dataclass(frozen=True, slots=True)
class KerasFunction:
    """A function that Keras exports.

    Attributes:
        path: The public path, such as `keras.losses.mean_squared_error`.
        source: Where it is defined.
        names: Its other paths.
        parameters: In order.
    """

    path: str
    source: str
    names: tuple[str, ...]
    parameters: tuple[KerasParameter, ...]


@dataclass(frozen=True, slots=True)
class KerasClass:
    """A class of Keras, with what it inherits.

    Attributes:
        path: The public path as Keras writes it into files, or where it is defined if it has none.
        source: Where it is defined.
        names: Its other paths.
        kind: What it is.
        bases: Paths of the classes that Python asks after it, in order; those of backends are left out.
        parameters: Of its constructor, in order, without `self`.
        keywords: Every name that its constructor takes by keyword, also through `**kwargs`.
        is_open: Whether the constructor may take other keywords too.
        methods: Public methods, `__init__`, `__call__`, `__new__` and `__setattr__`.
        reserved: Names that cannot be assigned to an instance, such as `losses` of a layer.
        attributes: Names that its constructors, properties with a setter included, keep for themselves.
        config_owner: Path of the class whose `get_config` it has; empty without one.
        config_keys: Keys that `super().get_config()` always returns to a subclass; None where that is not known.
        optional_keys: Keys that it returns only sometimes.
        is_automatic: Whether Keras writes the config of a subclass without `get_config` from its plain arguments.
        refuses_config: Whether `get_config` raises NotImplementedError.
        revival_owner: Path of the class whose `from_config` it has; empty without one.
        revives: Keys whose values `from_config` itself makes objects of.
    """

    path: str
    source: str
    names: tuple[str, ...]
    kind: Kind
    bases: tuple[str, ...]
    parameters: tuple[KerasParameter, ...]
    keywords: frozenset[str]
    is_open: bool
    methods: frozenset[str]
    reserved: frozenset[str]
    attributes: frozenset[str]
    config_owner: str
    config_keys: frozenset[str] | None
    optional_keys: frozenset[str]
    is_automatic: bool
    refuses_config: bool
    revival_owner: str
    revives: frozenset[str]

    @property
    def has_config(self) -> bool:
        """Whether it has a `get_config`, even one that refuses."""
        return bool(self.config_owner)

    def accepts(self, keyword: str) -> bool | None:
        """Whether its constructor takes a keyword; None where that cannot be told."""
        return True if keyword in self.keywords else None if self.is_open else False


class Catalogue:
    """The classes and functions of one release of Keras; each is read when it is asked for.

    Args:
        data: What the file of the release says.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.version: str = data["version"]
        self._rows: dict[str, dict[str, Any]] = data["classes"]
        self._functions: dict[str, dict[str, Any]] = data["functions"]
        self._built_in: dict[str, dict[str, str]] = data["built in"]
        self._function_modules: list[str] = data["function modules"]
        self._classes: dict[str, KerasClass] = {}

    @cached_property
    def _paths(self) -> dict[str, str]:
        """The other paths of every class and function -> the canonical one."""
        found: dict[str, str] = {}
        for rows in (self._functions, self._rows):
            for path, row in rows.items():
                found.update(dict.fromkeys(_words(row, "names"), path))
                found[row.get("at", path)] = path
        return found

    def __iter__(self) -> Iterator[KerasClass]:
        """Every class, in the order of the paths."""
        return (self._class(path) for path in self._rows)

    @cached_property
    def bare_names(self) -> frozenset[str]:
        """The last parts of the names of every class and function: what a file of Keras 2 calls them."""
        paths = (*self._rows, *self._functions, *self._paths)
        return frozenset(path.rpartition(".")[2] for path in paths)

    def find(self, dotted: str) -> KerasClass | None:
        """The class of a dotted name, in any spelling of this Keras; None for all else, and for Keras 2.

        Args:
            dotted: Such as `keras.layers.Dense`, `tensorflow.keras.layers.Dense` or
                `keras.src.layers.core.dense.Dense`.
        """
        path = self._canonical(dotted, self._rows)
        return self._class(path) if path else None

    def function(self, dotted: str) -> KerasFunction | None:
        """The exported function of a dotted name, in the spellings that `find` knows."""
        path = self._canonical(dotted, self._functions)
        if path is None:
            return None
        row = self._functions[path]
        return KerasFunction(path, row["at"], _words(row, "names"), _parameters(row["signature"]))

    def built_in_names(self, kind: Kind) -> Mapping[str, str]:
        """Name -> path of every class and function that a text alone means: `compile(loss="mse")`."""
        return MappingProxyType(self._built_in.get(kind.value, {}))

    def instead_of_function(self, name: str) -> str | None:
        """Path of what a file gives back for a function of the user that is not registered and has this name."""
        for module in self._function_modules:
            path = f"keras.{module}.{name}"
            if path in self._functions or path in self._rows:
                return path
        return None

    def instead_of_class(self, name: str, kind: Kind) -> str | None:
        """Path of what a layer makes of a class of the user that is not registered and has this name.

        A layer asks for its initializers, regularizers and constraints by the bare names of their classes.
        """
        return self.built_in_names(kind).get(name) if kind in _SWAPPED else None

    def _canonical(self, dotted: str, rows: Mapping[str, Any]) -> str | None:
        plain = keras_name(dotted)
        for name in (plain, plain.replace("keras.src.", "keras.", 1)):
            path = name if name in rows else self._paths.get(name)
            if path in rows:
                return path
        return None

    def _class(self, path: str) -> KerasClass:
        if path not in self._classes:
            self._classes[path] = self._read(path)
        return self._classes[path]

    def _line(self, path: str) -> tuple[str, ...]:
        """The bases of a class; a single one in the file stands for it and its own."""
        listed = _words(self._rows[path], "bases")
        return (*listed, *self._line(listed[0])) if len(listed) == 1 else listed

    def _read(self, path: str) -> KerasClass:
        row = self._rows[path]
        bases = self._line(path)
        line = [(one, self._rows[one]) for one in (path, *bases)]
        maker: dict[str, Any] = next((one for _, one in line if "signature" in one), {"signature": ""})
        parameters = _parameters(maker["signature"])
        listed = (one.name for one in parameters if one.kind in (ParameterKind.POSITIONAL, ParameterKind.KEYWORD))
        config_owner, config = _definer(line, "get_config")
        revival_owner, revival = _definer(line, "from_config")
        reserved: set[str] = set()
        for _, one in reversed(line):
            reserved = (reserved - set(_words(one, "free"))) | set(_words(one, "reserved"))
        return KerasClass(
            path=path,
            source=row.get("at", path),
            names=_words(row, "names"),
            kind=Kind(row["kind"]),
            bases=bases,
            parameters=parameters,
            keywords=frozenset((*listed, *_words(maker, "extra"))),
            is_open=maker.get("open", False),
            methods=_all_words(line, "methods"),
            reserved=frozenset(reserved),
            attributes=_all_words(line, "attributes") - reserved,
            config_owner=config_owner,
            config_keys=frozenset(_words(config, "keys")) if "keys" in config else None,
            optional_keys=frozenset(_words(config, "optional")),
            is_automatic=config.get("automatic", False),
            refuses_config=config.get("refuses", False),
            revival_owner=revival_owner,
            revives=frozenset(_words(revival, "revives")),
        )


def _words(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(row.get(key, "").split())


def _all_words(line: list[tuple[str, dict[str, Any]]], key: str) -> frozenset[str]:
    return frozenset(word for _, row in line for word in _words(row, key))


def _definer(line: list[tuple[str, dict[str, Any]]], method: str) -> tuple[str, dict[str, Any]]:
    """The first class that defines a method, with its row."""
    return next(((path, row) for path, row in line if method in _words(row, "methods")), ("", {}))


@cache
def _parameters(signature: str) -> tuple[KerasParameter, ...]:
    spec = ast.parse(f"def _({signature}): 0").body[0].args  # type: ignore[attr-defined]
    placed = [*spec.posonlyargs, *spec.args]
    defaults = [None] * (len(placed) - len(spec.defaults)) + spec.defaults
    found = []
    for index, (one, default) in enumerate(zip(placed, defaults, strict=True)):
        kind = ParameterKind.POSITIONAL_ONLY if index < len(spec.posonlyargs) else ParameterKind.POSITIONAL
        found.append(KerasParameter(one.arg, kind, default and ast.unparse(default)))
    if spec.vararg:
        found.append(KerasParameter(spec.vararg.arg, ParameterKind.VARIADIC))
    for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        found.append(KerasParameter(one.arg, ParameterKind.KEYWORD, default and ast.unparse(default)))
    if spec.kwarg:
        found.append(KerasParameter(spec.kwarg.arg, ParameterKind.VARIADIC_KEYWORD))
    return tuple(found)


def catalogue(version: str | None = None) -> Catalogue:
    """The catalogue of a release of Keras.

    Args:
        version: Such as `3.12.0`; the newest that is known when None. One that is not known is taken for the nearest
            older one, and one older than all of them for the oldest.

    Raises:
        KeptError: The text is no version.
    """
    known = _releases()
    if version is None:
        return _load(known[max(known)])
    if not re.match(r"\d+(\.\d+)*", version):
        raise KeptError(f"{version!r} is no version of Keras", expected="such as 3.12.0", found=version)
    asked = _numbers(version)
    return _load(known[max((one for one in known if one <= asked), default=min(known))])


@cache
def _releases() -> dict[tuple[int, ...], Path]:
    return {_numbers(path.stem): path for path in _HOME.glob("keras_*.json")}


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version, or in the name of a file."""
    plain = text.removeprefix("keras_").replace("_", ".")
    found = re.match(r"[\d.]*", plain)
    return tuple(int(one) for one in found[0].split(".") if one) if found else ()


@cache
def _load(path: Path) -> Catalogue:
    return Catalogue(json.loads(path.read_bytes()))
