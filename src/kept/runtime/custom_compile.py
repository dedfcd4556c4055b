"""Models with a `compile` of their own: with what they were compiled, and compiling them so again.

Keras leaves such a model uncompiled when it loads it, with a warning, unless its class says how. The arguments are read
as those of a constructor are: from what `compile` keeps, or hands on to Keras's own.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import keras

from ..errors import Problem, SerializationError
from . import compile_seams
from .inference import MISSING, same, stored
from .method_syntax import syntax
from .walk import Place

__all__ = ["compile_arguments", "refuse_unknown_arguments"]

_VARIADIC = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def compile_arguments(model: Any) -> dict[str, Any] | None:
    """The arguments of a compiled model's own `compile`; None where Keras's own, or the class itself, tells them.

    Arguments that nothing keeps are left out.
    """
    kind = type(model)
    if not isinstance(model, keras.Model) or not model.compiled or not compile_seams.compiles_itself(kind):
        return None
    handed_on = compile_seams.compile_settings(model)
    found = {}
    takes_more = False
    for name, parameter in _parameters(kind).items():
        takes_more = takes_more or parameter.kind is parameter.VAR_KEYWORD
        if parameter.kind in _VARIADIC:
            continue
        value = handed_on.get(_handed_on_as(inspect.unwrap(kind.compile)).get(name, name), MISSING)
        if value is MISSING:
            value = stored(model, kind.compile, name)
        if value is not MISSING and not same(value, parameter.default):
            found[name] = value
    if takes_more:
        defaults = inspect.signature(keras.Model.compile).parameters
        found = {name: one for name, one in handed_on.items() if not same(one, defaults[name].default)} | found
    return found


@cache
def _handed_on_as(method: Callable[..., Any]) -> dict[str, str]:
    """By which names of Keras's own `compile` a method hands its arguments on: `super().compile(opt, loss=error)`."""
    names = list(inspect.signature(keras.Model.compile).parameters)[1:]
    found: dict[str, str] = {}
    for node in ast.walk(syntax(method) or ast.Module([], [])):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compile":
            pairs = [*zip(names, node.args, strict=False), *((one.arg, one.value) for one in node.keywords)]
            found |= {value.id: name for name, value in pairs if name and isinstance(value, ast.Name)}
    return found


def _parameters(kind: type) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(kind.compile).parameters.items())[1:])  # type: ignore[attr-defined]


def refuse_unknown_arguments(places: list[Place]) -> None:
    """Refuses models whose `compile` takes an argument that nothing keeps.

    Raises:
        SerializationError: Lists them.
    """
    problems = []
    for place in places:
        arguments = compile_arguments(place.value)
        if arguments is None:
            continue
        kind = type(place.value).__name__
        for name, parameter in _parameters(type(place.value)).items():
            required = parameter.default is MISSING and parameter.kind not in _VARIADIC
            if required and name not in arguments:
                problems.append(
                    Problem(
                        f"{kind}.compile takes {name}, which the model does not keep",
                        place.path,
                        expected=f"an attribute that {kind}.compile assigns from {name}",
                        found="none",
                        hint=f"assign self.{name} = {name} in compile, or override get_compile_config and "
                        "compile_from_config",
                    )
                )
    if problems:
        raise SerializationError("the model could not be compiled again", problems=problems)
