"""Calls that save and load models, weights and checkpoints: which verb, which model, which path."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kept.source.classes import ClassModel
from kept.source.instances import assigned, is_model, object_class
from kept.source.kinds import Kind
from kept.source.module import Module
from kept.source.names import last_part
from kept.source.uses import once

__all__ = ["SavingCall", "Verb", "ending", "is_buffer", "saving_calls"]


class Verb(str, Enum):
    """What a call does."""

    SAVE = "save"
    SAVE_WEIGHTS = "save_weights"
    EXPORT = "export"
    LOAD_MODEL = "load_model"
    LOAD_WEIGHTS = "load_weights"
    CHECKPOINT = "ModelCheckpoint"


_METHODS = {one.value: one for one in (Verb.SAVE, Verb.SAVE_WEIGHTS, Verb.EXPORT, Verb.LOAD_WEIGHTS)}
_FUNCTIONS = {
    "keras.saving.save_model": Verb.SAVE,
    "keras.saving.save_weights": Verb.SAVE_WEIGHTS,
    "keras.saving.load_model": Verb.LOAD_MODEL,
    "keras.saving.load_weights": Verb.LOAD_WEIGHTS,
}
_CALLED = frozenset({"ModelCheckpoint", *(path.rpartition(".")[2] for path in _FUNCTIONS)})
_OF_A_MODEL = frozenset({"save_format", "save_traces", "include_optimizer"})


@dataclass(frozen=True, slots=True)
class SavingCall:
    """One call.

    Attributes:
        verb: What it does.
        node: The call.
        path: The expression of the path; None where it is left out.
        keywords: Its keywords, by name.
        model: The expression of the model; None for `load_model` and checkpoints.
    """

    verb: Verb
    node: ast.Call
    path: ast.expr | None
    keywords: dict[str, ast.keyword]
    model: ast.expr | None = None


@once
def saving_calls(module: Module) -> tuple[SavingCall, ...]:
    """Every call of the file that surely saves or loads something of Keras 3."""
    return tuple(_saving_calls(module))


def _saving_calls(module: Module) -> Iterator[SavingCall]:
    if "keras" not in module.text or "tf_keras" in module.text or "TF_USE_LEGACY_KERAS" in module.text:
        return
    called = _CALLED | {name for name, one in module.names.bound.items() if one.rpartition(".")[2] in _CALLED}
    for node in module.calls:
        keywords = {one.arg: one for one in node.keywords if one.arg}
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in _METHODS
            and _is_of_a_model(module, node, keywords)
        ):
            yield SavingCall(_METHODS[node.func.attr], node, _path(node, 0, keywords), keywords, node.func.value)
            continue
        last = last_part(node.func)
        dotted = module.dotted(node.func) or "" if last in called else ""
        if not dotted.startswith("keras."):
            continue
        function = module.project.keras.function(dotted)
        verb = _FUNCTIONS.get(function.path) if function is not None else None
        if verb is Verb.LOAD_MODEL:
            yield SavingCall(verb, node, _path(node, 0, keywords), keywords)
        elif verb is not None:
            yield SavingCall(verb, node, _path(node, 1, keywords), keywords, node.args[0] if node.args else None)
        elif dotted.endswith(".ModelCheckpoint"):
            yield SavingCall(Verb.CHECKPOINT, node, _path(node, 0, keywords), keywords)


def _is_of_a_model(module: Module, node: ast.Call, keywords: dict[str, ast.keyword]) -> bool:
    """Whether a method called `save` is that of a model of Keras, and not one that a class defines anew."""
    assert isinstance(node.func, ast.Attribute)
    owner = object_class(module, node.func.value)
    if isinstance(owner, ClassModel):
        return owner.kind is Kind.MODEL and owner.is_known and owner.defines(node.func.attr) is None
    if owner is not None:
        return owner.kind is Kind.MODEL
    return node.func.attr == "save" and bool(_OF_A_MODEL & set(keywords)) and not is_model(module, node)


def _path(node: ast.Call, index: int, keywords: dict[str, ast.keyword]) -> ast.expr | None:
    if len(node.args) > index and not any(isinstance(one, ast.Starred) for one in node.args):
        return node.args[index]
    given = keywords.get("filepath")
    return given.value if given else None


def ending(module: Module, node: ast.expr, depth: int = 0) -> str | None:
    """The text with which a path surely ends; None where that cannot be told."""
    if depth > 4:
        return None
    if isinstance(node, ast.Constant):
        return node.value or None if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return ending(module, node.values[-1], depth + 1) if node.values else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
        return ending(module, node.right, depth + 1)
    if isinstance(node, ast.Call):
        called = last_part(node.func)
        if called in ("join", "Path", "PurePath", "PosixPath", "str", "fspath", "joinpath") and node.args:
            owner = getattr(node.func, "value", None)
            if (called == "join" and isinstance(owner, ast.Constant)) or isinstance(node.args[-1], ast.Starred):
                return None
            return ending(module, node.args[-1], depth + 1)
    if isinstance(node, ast.Name):
        value = assigned(module, node)
        return ending(module, value, depth + 1) if value is not None else None
    return None


def is_buffer(module: Module, node: ast.expr) -> bool:
    """Whether an expression surely gives a file in memory."""
    if isinstance(node, ast.Call):
        return module.dotted(node.func) in ("io.BytesIO", "tempfile.TemporaryFile", "tempfile.SpooledTemporaryFile")
    value = assigned(module, node) if isinstance(node, ast.Name) else None
    return value is not None and isinstance(value, ast.Call) and is_buffer(module, value)
