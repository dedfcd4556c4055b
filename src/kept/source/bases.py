"""Classes that are there to be derived from, though nothing calls them abstract."""

from __future__ import annotations

import ast

from kept.source.classes import ClassModel
from kept.source.kinds import Kind
from kept.source.module import Function
from kept.source.names import last_part
from kept.source.walking import nodes

__all__ = ["is_base"]

_BY_ARGUMENT = {
    Kind.INITIALIZER: "initializer",
    Kind.REGULARIZER: "regularizer",
    Kind.CONSTRAINT: "constraint",
    Kind.QUANTIZER: "quantizer",
}


def is_base(one: ClassModel) -> bool:
    """Whether a class may never be in a model itself: it is a base, or nobody gives it to a layer."""
    if any(_refuses(method) for method in _methods(one).values()) or _is_empty_model(one):
        return True
    if one.kind in _BY_ARGUMENT and not _is_argument(one, _BY_ARGUMENT[one.kind]):
        return True
    project = one.module.project
    derived = any(one.name in outline.bases for outline in project.outlines) or any(
        one in other.ancestors for other in one.module.classes
    )
    return derived and not _is_made(one)


def _methods(one: ClassModel) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for base in one.lineage:
        found = base.methods | found
    return found


def _refuses(method: Function) -> bool:
    last = method.body[-1]
    return len(method.body) <= 2 and isinstance(last, ast.Raise) and "NotImplemented" in ast.unparse(last)


def _is_empty_model(one: ClassModel) -> bool:
    """Whether a model has no `call`, and gives its base no inputs and outputs."""
    if one.keras is None or one.keras.path != "keras.Model" or one.defines("call") is not None:
        return False
    return not any(
        start.super_call is not None and (start.super_call.positional or "outputs" in start.super_call.keywords)
        for _, start in one.constructors
    )


def _is_made(one: ClassModel) -> bool:
    """Whether the file makes an object of it."""
    return any(one.module.class_of(call.func) is one for call in one.module.calls if one.name in ast.unparse(call.func))


def _is_argument(one: ClassModel, word: str) -> bool:
    """Whether the file gives an object of it to a constructor, and not only to `add_weight`."""
    for call in one.module.calls:
        called = last_part(call.func)
        if called[:1].isupper():
            for given in call.keywords:
                if (given.arg or "").endswith(word):
                    made = (node.func for node in nodes(given.value) if isinstance(node, ast.Call))
                    if any(one.module.class_of(func) is one for func in made):
                        return True
    return False
