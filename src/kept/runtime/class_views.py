"""Classes, functions and exceptions of a live model as the plain data that rules read."""

from __future__ import annotations

import functools
import inspect
import linecache
import os
import types
from typing import Any, Literal

import keras

from ..examination import Base, ClassView, FunctionView, Raised
from ..findings import NOWHERE, Location
from . import keras_seams as seams
from .source_origins import describe, is_local

__all__ = ["class_view", "function_view", "line_of", "raised"]

_LONGEST = 160
_METHODS = ("__init__", "get_config", "from_config", "build", "call", "compile", "get_compile_config")
_BASES: tuple[tuple[Base, type], ...] = (
    ("model", keras.Model),
    ("layer", keras.layers.Layer),
    ("loss", keras.losses.Loss),
    ("metric", keras.metrics.Metric),
    ("optimizer", keras.optimizers.Optimizer),
    ("schedule", keras.optimizers.schedules.LearningRateSchedule),
    ("initializer", keras.initializers.Initializer),
    ("regularizer", keras.regularizers.Regularizer),
    ("constraint", keras.constraints.Constraint),
)
_BUILT_IN = (
    keras.activations, keras.losses, keras.metrics, keras.initializers, keras.regularizers, keras.constraints,
)  # fmt: skip


def _from_here(file: str) -> str:
    here = os.path.join(os.getcwd(), "")
    return file.removeprefix(here)


def line_of(file: str | None, line: int | None, word: str = "") -> Location:
    """A line of a file, with the columns of a word in it."""
    if not file or not line:
        return Location(_from_here(file or ""))
    text = linecache.getline(file, line).rstrip()
    column = text.find(word) + 1 if word else 0
    return Location(_from_here(file), line, column, column + len(word) if column else 0, text)


def _definition(file: str | None, first: int | None, keyword: str, name: str) -> Location:
    """The line of a `class` or `def` statement; `first` may be that of a decorator."""
    for line in range(first or 1, (first or 1) + 40) if file else ():
        text = linecache.getline(file or "", line).split("#")[0]
        if text.lstrip().startswith((f"{keyword} {name}", f"async {keyword} {name}")):
            return line_of(file, line, name)
    return line_of(file, first)


def _base(kind: type) -> Base:
    return next((name for name, base in _BASES if issubclass(kind, base)), "object")


def _methods(kind: type) -> dict[str, Location]:
    found: dict[str, Location] = {}
    for base in kind.__mro__:
        if not is_local(base):
            continue
        for name in _METHODS:
            member = vars(base).get(name)
            code = getattr(inspect.unwrap(getattr(member, "__func__", member)), "__code__", None) if member else None
            if code is not None and name not in found:
                found[name] = _definition(code.co_filename, code.co_firstlineno, "def", name)
    return found


def _parameters(kind: type) -> tuple[tuple[str, ...], bool]:
    try:
        every = list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
    except (TypeError, ValueError):
        return (), True
    named = tuple(one.name for one in every if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL))
    return named, any(one.kind is one.VAR_KEYWORD for one in every)


def _reference(target: Any) -> str:
    return f"{target.__module__}:{target.__qualname__}"


def _registration(target: Any) -> tuple[str, bool, str]:
    """The name in files, whether it was registered, and what else it resolves to."""
    name = str(keras.saving.get_registered_name(target))
    found = keras.saving.get_registered_object(name)
    is_registered = ">" in name
    if found is None and isinstance(target, types.FunctionType) and not is_registered:
        candidates = (getattr(module, name, None) for module in _BUILT_IN)
        found = next((one for one in candidates if one is not None), None)
    other = found is not None and found is not target
    return name, is_registered, _reference(found) if other and hasattr(found, "__qualname__") else ""


def class_view(kind: type, number: int = 0) -> ClassView:
    """Describes a class; `number` tells it from others of its import path."""
    own = seams.is_keras_own(kind)
    if own:
        return ClassView(kind.__name__, _reference(kind), _base(kind), own=True)
    origin = describe(kind)
    name, is_registered, other = _registration(kind)
    parameters, takes_any = _parameters(kind)
    return ClassView(
        kind.__name__, f"{origin.module}:{origin.qualname}", _base(kind), False,
        _definition(origin.file, origin.line, "class", kind.__name__), _methods(kind), parameters, takes_any,
        name, is_registered, other, number,
    )  # fmt: skip


_Form = Literal["function", "lambda", "local function", "partial", "bound method", "object", "wrapper"]


def _form(value: Any) -> tuple[_Form, Any]:
    """What a callable is, and the function or class behind it."""
    if isinstance(value, functools.partial):
        return "partial", value.func
    if isinstance(value, types.MethodType):
        return "bound method", value.__func__
    if not isinstance(value, types.FunctionType):
        inner = getattr(value, "python_function", None) or getattr(value, "__wrapped__", None)
        return ("wrapper", inner) if inner is not None else ("object", type(value))
    if value.__name__ == "<lambda>":
        return "lambda", value
    return ("local function" if "<locals>" in value.__qualname__ else "function"), value


def function_view(path: str, value: Any) -> FunctionView:
    """Describes a function or what stands for one.

    Args:
        path: Its object path, or the argument that it is.
        value: A function, lambda, partial, bound method, `tf.function` or callable object.
    """
    form, target = _form(value)
    origin = describe(target)
    keyword = "class" if isinstance(target, type) else "def"
    name = getattr(target, "__name__", type(target).__name__)
    location = _definition(origin.file, origin.line, keyword, name)
    if form == "lambda":
        location = line_of(value.__code__.co_filename, value.__code__.co_firstlineno, "lambda")
    registered, is_registered, other = "", False, ""
    if isinstance(value, types.FunctionType) and form != "lambda":
        registered, is_registered, other = _registration(value)
    code = getattr(target, "__code__", None)
    free = tuple(one for one in code.co_freevars if one != "__class__") if code is not None else ()
    return FunctionView(
        path, name, f"{origin.module}:{origin.qualname}", form, location, free, registered, is_registered, other
    )


def raised(error: BaseException) -> Raised:
    """The root of an exception that Keras has wrapped, and the innermost line of the user's code that it left from."""
    root = error
    while (inner := root.__cause__ or root.__context__) is not None:
        root = inner
    frames, trace = [], root.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in ("keras", "kept", "torch", "tensorflow", "jax"):
            frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return Raised(type(root).__name__, _sentence(root), line_of(*frames[-1]) if frames else NOWHERE)


def _sentence(error: BaseException) -> str:
    """The first sentence of a message, be it spread over lines."""
    first = " ".join(str(error).split()).partition(". ")[0].rstrip(".")
    return first if len(first) <= _LONGEST else first[: _LONGEST - 3] + "..."
