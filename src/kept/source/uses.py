"""What the methods of a class do with its attributes and with the names in them, read once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import TypeVar

from kept.source.walking import nodes

__all__ = ["OF_LAYERS", "Asked", "Uses", "once", "own"]

OF_LAYERS = frozenset(
    {
        "compute_output_shape", "compute_output_spec", "compute_mask", "get_config", "trainable_variables", "weights",
        "trainable_weights", "non_trainable_variables", "get_weights", "set_weights", "add_loss",
    }
)  # fmt: skip
"""What a layer has, and no plain value."""
_ASKING = ("isinstance", "callable", "hasattr")

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def once(function: Callable[[_Key], _Value]) -> Callable[[_Key], _Value]:
    """Remembers what a function says of an object: in the object, so that both end together."""
    place = f"_{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(one: _Key) -> _Value:
        held: dict[str, _Value] = one.__dict__
        if place not in held:
            held[place] = function(one)
        return held[place]

    return remembered


@dataclass(frozen=True, slots=True)
class Asked:
    """A test such as `isinstance(x, tuple)` or `callable(self.x)`.

    Attributes:
        name: Of the variable or attribute.
        is_attribute: Whether it is an attribute of the object.
        method: In which it stands.
        node: The call.
    """

    name: str
    is_attribute: bool
    method: ast.AST
    node: ast.Call


@dataclass(slots=True)
class Uses:
    """What is done with attributes.

    Attributes:
        called: Attribute -> the first call of it, or of each value in it, and the name of the method.
        layered: Attribute -> the first time that something of a layer is asked of it, and the name of the method.
        assigned: Attribute -> the methods that assign it.
        names_called: Method -> names that are called in it, with the call.
        asked: Every test of what a variable or attribute is.
    """

    called: dict[str, tuple[ast.AST, str]] = field(default_factory=dict)
    layered: dict[str, tuple[ast.Attribute, str]] = field(default_factory=dict)
    assigned: dict[str, list[ast.AST]] = field(default_factory=dict)
    names_called: dict[ast.AST, dict[str, ast.Call]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @classmethod
    def of(cls, methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]) -> Uses:
        """Reads the methods of one class."""
        found = cls()
        for method in methods.values():
            found.names_called[method] = {}
            for node in nodes(method):
                found._look(node, method)
        return found

    def _look(self, node: ast.AST, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if isinstance(node, ast.Call):
            self._look_at_call(node, method)
        elif isinstance(node, ast.Attribute):
            attribute = own(node)
            if attribute and isinstance(node.ctx, ast.Store):
                self.assigned.setdefault(attribute, []).append(method)
            elif node.attr in OF_LAYERS and own(node.value):
                self.layered.setdefault(own(node.value), (node, method.name))
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name) and own(node.iter):
            calls = (each for below in node.body for each in nodes(below) if isinstance(each, ast.Call))
            if any(isinstance(each.func, ast.Name) and each.func.id == node.target.id for each in calls):
                self.called.setdefault(own(node.iter), (node, method.name))

    def _look_at_call(self, node: ast.Call, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if isinstance(node.func, ast.Name):
            self.names_called[method].setdefault(node.func.id, node)
            if node.func.id in _ASKING and node.args:
                first = node.args[0]
                name = own(first) or (first.id if isinstance(first, ast.Name) else "")
                if name:
                    self.asked.append(Asked(name, bool(own(first)), method, node))
        elif own(node.func):
            self.called.setdefault(own(node.func), (node, method.name))


def own(node: ast.AST) -> str:
    """`x` of `self.x`; empty for all else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return ""
