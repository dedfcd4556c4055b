"""Live values as Python expressions that give equal values back."""

from __future__ import annotations

import argparse
import ast
import collections
import dataclasses
import enum
import functools
import io
import math
import pathlib
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from kept.runtime.source_files import indent

__all__ = ["Refer", "UnkeepableError", "expression", "holds_state", "is_plain", "source_of_surprise"]

_ARRAY_SIZE_COUNT = 10_000
_ITEMS_COUNT = 100_000
_TEXT_LENGTH = 1_000_000
_LINE_LENGTH = 100
_OUTSIDE = (
    *("open", "input", "load", "read", "fetch", "download", "urlopen", "get_file", "listdir", "glob", "parse_", "run"),
    *("fit", "train", "predict", "evaluate", "compile", "save", "rand", "normal", "uniform", "shuffle", "permutation"),
)
_NUMBERS = "biufcUS"
_LITERALS = (type(None), bool, int, str, bytes, type(Ellipsis))
_STATEFUL = frozenset({"Layer", "Model", "Module", "Variable", "Tensor", "KerasTensor", "Optimizer", "Metric", "Array"})
_FRAMEWORKS = frozenset({"keras", "tensorflow", "torch", "jax", "jaxlib"})

Refer = Callable[[object], str]


class UnkeepableError(Exception):
    """A value that no expression gives back; its text is the reason."""


def is_plain(value: object) -> bool:
    """Whether `value` can be written without naming any class, function or module outside the builtins."""
    try:
        expression(value, _refuse)
    except UnkeepableError:
        return False
    return True


def _refuse(value: object) -> str:
    raise UnkeepableError(f"{type(value).__name__} needs a name")


def holds_state(value: object) -> bool:
    """Whether `value` is a layer, variable, tensor or optimizer: an object that its constructor call does not give."""
    mro = type(value).__mro__
    return any(c.__name__ in _STATEFUL and c.__module__.partition(".")[0] in _FRAMEWORKS for c in mro)


def source_of_surprise(written: ast.expr, value: object) -> str:
    """Why running an assignment again may give another value, or do more than that; empty where nothing says so."""
    if hasattr(value, "__next__") or isinstance(value, io.IOBase):
        return f"a {type(value).__name__} that may have been used already"
    for node in ast.walk(written):
        if isinstance(node, ast.Call):
            name = str(getattr(node.func, "attr", getattr(node.func, "id", "")))
            if name.startswith(_OUTSIDE):
                return f"it comes from {name}(...)"
    return ""


def expression(value: object, refer: Refer) -> str:
    """Writes `value` as an expression.

    Args:
        value: Any object.
        refer: Gives the name under which a class, function, module or shared object can be used; raises
            `UnkeepableError` where there is none.

    Raises:
        UnkeepableError: Some part of the value has no expression.
    """
    try:
        text = _Writer(refer).write(value)
    except RecursionError:
        raise UnkeepableError("nested too deep") from None
    if len(text) > _TEXT_LENGTH:
        raise UnkeepableError(f"{len(text):,} characters as text")
    return text


class _Writer:
    def __init__(self, refer: Refer) -> None:
        self.refer = refer
        self.open: set[int] = set()
        self.count = 0

    def write(self, value: Any) -> str:
        self.count += 1
        if self.count > _ITEMS_COUNT:
            raise UnkeepableError(f"more than {_ITEMS_COUNT:,} values")
        if id(value) in self.open:
            raise UnkeepableError("it contains itself")
        kind = type(value)
        if kind in _LITERALS:
            return repr(value)
        if kind is float:
            return repr(value) if math.isfinite(value) else f'float("{value!r}")'
        if kind is complex:
            return f"complex({self.write(value.real)}, {self.write(value.imag)})"
        self.open.add(id(value))
        try:
            return self.container(value, kind)
        finally:
            self.open.discard(id(value))

    def container(self, value: Any, kind: type) -> str:
        items = [*map(self.write, value)] if kind in (list, tuple, set, frozenset) else []
        if kind is list:
            return _joined("[", items, "]")
        if kind is tuple:
            return _joined("(", items, ",)" if len(items) == 1 else ")")
        if kind is set:
            return _joined("{", sorted(items), "}") if items else "set()"
        if kind is frozenset:
            return f"frozenset({_joined('{', sorted(items), '}')})" if items else "frozenset()"
        if kind is dict:
            return _joined("{", [f"{self.write(k)}: {self.write(v)}" for k, v in value.items()], "}")
        if kind in (range, slice):
            parts = [value.start, value.stop, value.step]
            return f"{kind.__name__}({', '.join(map(self.write, parts))})"
        if kind is bytearray:
            return f"bytearray({bytes(value)!r})"
        return self.named(value, kind)

    def named(self, value: Any, kind: type) -> str:
        """Values whose expression has to name a class."""
        if isinstance(value, enum.Enum):
            member = value.name if value.name in kind.__members__ else None  # type: ignore[attr-defined]
            return f"{self.refer(kind)}.{member}" if member else self.call(kind, [value.value])
        if isinstance(value, pathlib.PurePath):
            pure = kind if kind in (pathlib.PurePosixPath, pathlib.PureWindowsPath) else pathlib.Path
            return self.call(pure, [str(value)])
        if kind in (types.SimpleNamespace, argparse.Namespace):
            return self.call(kind, [], vars(value))
        if kind is functools.partial:
            return self.call(kind, [value.func, *value.args], value.keywords)
        if kind is collections.OrderedDict:
            return self.call(kind, [list(value.items())])
        if kind is collections.defaultdict:
            return self.call(kind, [value.default_factory, dict(value)])
        if kind is collections.deque:
            return self.call(kind, [list(value), value.maxlen])
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return self.call(kind, list(value))
        if dataclasses.is_dataclass(kind) and not holds_state(value):
            return self.dataclass(value, kind)
        return self.array(value, kind)

    def dataclass(self, value: Any, kind: type) -> str:
        fields = dataclasses.fields(value)
        if not all(field.init for field in fields) or hasattr(kind, "__post_init__"):
            raise UnkeepableError(f"{kind.__name__} computes some of its fields")
        return self.call(kind, [], {field.name: getattr(value, field.name) for field in fields})

    def array(self, value: Any, kind: type) -> str:
        numpy = sys.modules.get("numpy")
        if numpy and kind is numpy.ndarray and value.dtype.kind in _NUMBERS:
            if value.size > _ARRAY_SIZE_COUNT:
                raise UnkeepableError(f"an array of {value.size:,} elements")
            made = f"{self.refer(numpy)}.array({self.write(value.tolist())}, dtype={_dtype_name(value.dtype)!r})"
            return made if value.size else f"{made}.reshape({value.shape!r})"
        if numpy and isinstance(value, numpy.generic) and value.dtype.kind in _NUMBERS:
            return self.call(kind, [value.item()])
        if numpy and isinstance(value, numpy.dtype) and value.kind in _NUMBERS:
            return f"{self.refer(numpy)}.dtype({_dtype_name(value)!r})"
        return self.configured(value, kind)

    def configured(self, value: Any, kind: type) -> str:
        """Objects of Keras without state of their own: losses, initializers, regularizers, policies."""
        try:
            return self.refer(value)
        except UnkeepableError:
            if kind.__module__.partition(".")[0] != "keras" or holds_state(value):
                raise
        try:
            config = value.get_config()
            return f"{self.refer(kind)}.from_config({self.write(config)})"
        except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
            raise UnkeepableError(f"a {kind.__name__}") from error

    def call(self, kind: Any, arguments: Iterable[Any], keywords: dict[str, Any] | None = None) -> str:
        items = [self.write(argument) for argument in arguments]
        for name, argument in (keywords or {}).items():
            if not name.isidentifier():
                raise UnkeepableError(f"keyword {name!r}")
            items.append(f"{name}={self.write(argument)}")
        return _joined(f"{self.refer(kind)}(", items, ")")


def _dtype_name(dtype: Any) -> str:
    if dtype.kind in "fc" and dtype.itemsize > (16 if dtype.kind == "c" else 8):
        raise UnkeepableError(f"the dtype {dtype}")
    return str(dtype.name if dtype.isnative and dtype.kind in "biufc" else dtype.str)


def _joined(opening: str, items: list[str], closing: str) -> str:
    text = opening + ", ".join(items) + closing
    if len(text) <= _LINE_LENGTH or len(items) < 2:
        return text
    if any(len(item) > 20 or "\n" in item for item in items):
        return f"{opening}\n" + "".join(f"{indent(item)},\n" for item in items) + closing.lstrip(",")
    lines, line = [], ""
    for item in items:
        if len(line) + len(item) + 2 > _LINE_LENGTH - 4:
            lines.append(line.rstrip())
            line = ""
        line += f"{item}, "
    return f"{opening}\n" + "".join(f"    {part}\n" for part in [*lines, line.rstrip()]) + closing.lstrip(",")
