"""Constructor arguments of a live object that its config does not tell.

They come from the constructor call itself where it was captured, from what Keras noted of it, or from attributes: those
of the same name, and those that `__init__` assigns from the argument alone.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import keras

from . import keras_seams as seams
from .backends import as_array
from .capture import captured_arguments
from .method_syntax import syntax
from .snapshot import view_object

__all__ = ["MISSING", "forgotten", "of_keras", "same", "stored"]

MISSING = inspect.Parameter.empty


def forgotten(value: Any, config: Mapping[str, Any], named: Mapping[str, inspect.Parameter]) -> dict[str, Any] | None:
    """Arguments that the config lacks and that are not at their default; None when one cannot be found."""
    known = {} if isinstance(value, keras.Model) else seams.constructor_arguments(value)
    known |= captured_arguments(value)
    added = {}
    for name, parameter in named.items():
        if name in config:
            continue
        argument = known.get(name, MISSING)
        if argument is MISSING:
            argument = stored(value, type(value).__init__, name)
        if argument is MISSING and parameter.kind is not parameter.VAR_POSITIONAL:
            if parameter.default is MISSING:
                return None
            continue
        if argument is MISSING or same(argument, parameter.default):
            continue
        added[name] = argument
    return added


def stored(value: Any, method: Callable[..., Any], name: str) -> Any:
    """What an object keeps of an argument that one of its methods was called with, or `MISSING`."""
    namespace = vars(value)
    for candidate in (name, "_" + name):
        if candidate in namespace:
            return namespace[candidate]
    modules = namespace.get("_modules")
    if isinstance(modules, dict) and name in modules:
        return modules[name]
    assigned = next((one for one in _assigned_from(inspect.unwrap(method), name) if one in namespace), None)
    return MISSING if assigned is None else namespace[assigned]


@cache
def _assigned_from(method: Callable[..., Any], argument: str) -> tuple[str, ...]:
    """Attributes that a method assigns from one argument and nothing else, as in `self.rate = float(r)`."""
    tree = syntax(method)
    if tree is None:
        return ()
    parameters = inspect.signature(method).parameters
    found = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value is None or {name for name in _names(value) if name in parameters} != {argument}:
            continue
        found += [one.attr for one in targets if isinstance(one, ast.Attribute) and _passes_on(value)]
    return tuple(found)


def _names(node: ast.AST) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


_CONVERTERS = frozenset(
    {
        "bool", "int", "float", "complex", "str", "bytes", "tuple", "list", "dict", "set", "frozenset", "sorted",
        "Path", "PurePath", "copy", "deepcopy", "get", "deserialize", "array", "asarray", "as_tensor", "tensor",
        "constant", "convert_to_tensor", "convert_to_numpy", "cast",
    }
)  # fmt: skip


def _passes_on(node: ast.expr) -> bool:
    """Whether an expression gives its argument back when that is what it already is: `x`, `float(x)`, `get(x)`."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called in _CONVERTERS and len(node.args) == 1 and _passes_on(node.args[0])
    if isinstance(node, ast.BoolOp):
        return _passes_on(node.values[0])
    if isinstance(node, ast.IfExp):
        return _passes_on(node.body) or _passes_on(node.orelse)
    return isinstance(node, ast.Name)


def of_keras(value: Any) -> dict[str, Any]:
    """Arguments that one of Keras's own classes does not get back from its config.

    `get_config` of `Huber` forgets `delta`; that of `AUC` returns `label_weights` as a tensor, which
    the constructor then gets as the config of one. They are accepted when the object that is made with them is nearer
    to this one.
    """
    kind = type(value)
    if isinstance(value, (keras.layers.Layer, keras.optimizers.Optimizer)) or seams.is_of_the_trainer(kind):
        return {}
    try:
        config = value.get_config()
        tensors = {name: as_array(one).tolist() for name, one in config.items() if keras.ops.is_tensor(one)}
        taken = _parameters(kind)  # type: ignore[arg-type]
        lacking = [name for name in taken if name not in config and name != "name"]
        if not lacking and not tensors:
            return {}
        missed = _differing(value, kind.from_config(dict(config)))
        found = {name: _of_keras(value, name) for name in lacking} if missed else {}
        added = tensors | {name: one for name, one in found.items() if one is not MISSING}
        left = _differing(value, kind.from_config(config | added))
    except Exception:  # a class that cannot be made like this: what it loses is found by the round trip
        return {}
    return added if left < missed or (added == tensors and left == missed) else {}


@cache
def _parameters(kind: type) -> tuple[str, ...]:
    """Names of the arguments of one of Keras's own classes; Python takes its time to find them."""
    return tuple(inspect.signature(kind).parameters)


def _differing(value: Any, made: Any) -> set[str]:
    """Names of the attributes that are not the same in two objects of one class."""
    one, other = view_object(value, {}).attributes, view_object(made, {}).attributes
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _of_keras(value: Any, name: str) -> Any:
    if name == "dtype" and isinstance(value, keras.losses.Loss):
        return MISSING if value.dtype == keras.config.floatx() else value.dtype
    handed_on = vars(value).get("_fn_kwargs")
    if isinstance(handed_on, dict) and name in handed_on:
        return handed_on[name]
    return vars(value).get(name, MISSING)


def same(one: Any, other: Any) -> bool:
    """Whether two arguments are the same value of the same type; False for arrays that are not one object."""
    if one is other:
        return True
    try:
        return type(one) is type(other) and bool(one == other)
    except (ValueError, TypeError):  # arrays have no single truth
        return False
