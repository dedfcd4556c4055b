"""What a program sets on layers, models and optimizers after it has made them, and what their configs do not hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from kept.source.catalogue import KerasClass
from kept.source.classes import ClassModel
from kept.source.constructor import How
from kept.source.instances import is_model, object_class
from kept.source.kinds import Kind
from kept.source.module import Module
from kept.source.state import is_class_name, sublayers

__all__ = ["Setting", "settings"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One statement.

    Attributes:
        node: Where it stands.
        message: What it does.
        stock: What plain Keras makes of it.
        instead: What to do, as an order.
        kind: The class concerned; may be empty.
        is_argument: Whether it changes what the class was given, so that a `get_config` of it would tell.
    """

    node: ast.AST
    message: str
    stock: str
    instead: str
    kind: str = ""
    is_argument: bool = False


def settings(module: Module) -> Iterator[Setting]:
    """Every such statement of a file."""
    if "keras" not in module.text:
        return
    yield from _exclusions(module)
    for target in module.attributes_set:
        yield from _set(module, target)
    yield from _frozen(module)


def _exclusions(module: Module) -> Iterator[Setting]:
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "exclude_from_weight_decay":
            owner = object_class(module, call.func.value)
            if owner is None or owner.kind is Kind.OPTIMIZER:
                yield Setting(
                    call,
                    "exclusions from weight decay are not in the config of an optimizer",
                    "saves; after loading, the excluded variables are decayed in every step, without a word",
                    "call exclude_from_weight_decay again after loading",
                )


def _set(module: Module, target: ast.Attribute) -> Iterator[Setting]:
    name, owner = target.attr, target.value
    if name.endswith(("_regularizer", "_constraint")) and _is_layer_of(module, owner):
        yield Setting(
            target,
            f"{name} is set on a layer of a model that is already built",
            f"trains without it; saves it; the loaded model trains with {name}, without a word",
            f"give {name} to the constructor of the layer",
        )
    elif name == "trainable" and isinstance(owner, ast.Attribute) and _is_layer_of(module, owner.value):
        holder = _holding(module, owner.attr)
        if holder is not None:
            yield Setting(
                target,
                f"{holder.name}.{owner.attr} is frozen from outside",
                f"saves; loading makes {holder.name}.{owner.attr} as its constructor does, without a word",
                f"make it an argument of {holder.name}",
                holder.name,
            )
    else:
        found = _class_of(module, owner, name)
        if found is not None:
            yield Setting(
                target,
                f"{found.name}.{name} is changed after the object was made",
                f"saves; loading puts {name} back to what {found.name} was made with, without a word",
                f"give {found.name} a get_config that returns {name}",
                found.name,
                _writes_argument(found, name),
            )


def _is_layer_of(module: Module, node: ast.expr) -> bool:
    """Whether an expression is `model.layers[i]`, `model.get_layer(...)`, or surely a layer that a model has."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "layers"
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get_layer"
        and (is_model(module, node.func.value) or "keras" in module.text)
    )


def _holding(module: Module, name: str) -> ClassModel | None:
    """The one custom layer or model of the file that has a sublayer of that name."""
    found = [one for one in module.classes if one.kind in (Kind.LAYER, Kind.MODEL) and name in sublayers(one)]
    return found[0] if len(found) == 1 and not _may_be_of_keras(module, name) else None


def _may_be_of_keras(module: Module, name: str) -> bool:
    """Whether a layer of Keras that the file makes has an attribute of that name."""
    made = {module.class_of(call.func) for call in module.calls if is_class_name(call.func)}
    return any(isinstance(one, KerasClass) and name in (one.attributes | one.keywords) for one in made)


def _class_of(module: Module, owner: ast.expr, name: str) -> ClassModel | None:
    """The class whose automatic config holds an attribute as it was given, if the object is one of it."""
    if isinstance(owner, ast.Name) and owner.id == "self":
        return None
    known = object_class(module, owner)
    if isinstance(known, ClassModel):
        return known if _writes_argument(known, name) else None
    if known is None and _is_layer_of(module, owner):
        found = [one for one in module.classes if _writes_argument(one, name) or _starts_constant(one, name)]
        return found[0] if len(found) == 1 and not _may_be_of_keras(module, name) else None
    return None


def _writes_argument(one: ClassModel, name: str) -> bool:
    """Whether Keras writes the argument of that name, and the attribute begins as it."""
    if one.kind is not Kind.LAYER or not one.is_automatic or one.constructor is None:
        return False
    held = one.constructor.holds(name)
    return bool(held) and all(one_.origin.names == {name} and one_.origin.how is not How.DERIVED for one_ in held)


def _starts_constant(one: ClassModel, name: str) -> bool:
    """Whether the attribute begins as an array that depends on no argument, and nothing saves it."""
    if one.kind not in (Kind.LAYER, Kind.MODEL) or one.constructor is None or one.defines("get_config") is not None:
        return False
    held = one.constructor.holds(name)
    return bool(held) and all(
        not stored.origin.names and isinstance(stored.value, ast.Call) and _is_array(one, stored.value)
        for stored in held
    )


def _is_array(one: ClassModel, call: ast.Call) -> bool:
    return (one.module.dotted(call.func) or "").startswith("numpy.")


def _frozen(module: Module) -> Iterator[Setting]:
    """Layers frozen or thawed after `fit`, where the function compiles no more."""
    if ".trainable =" not in module.text:
        return
    by_scope: dict[ast.AST | None, list[tuple[str, ast.expr, str]]] = {}
    for event in _events(module):
        by_scope.setdefault(module.scope_of(event[1]), []).append(event)
    for events in by_scope.values():
        trained: set[str] = set()
        pending: dict[str, ast.expr] = {}
        for what, node, name in sorted(events, key=lambda one: (one[1].lineno, one[1].col_offset)):
            if what == "fit":
                trained.add(name)
                pending.pop(name, None)
            elif what == "compile":
                pending = {}
                trained.discard(name)
            elif name in trained:
                pending.setdefault(name, node)
        for node in pending.values():
            yield Setting(
                node,
                "a layer is frozen or thawed after training, and the model is not compiled again",
                "saves; loading passes over the state of the optimizer, which starts anew, with one warning",
                "compile the model again before it is saved",
            )


def _events(module: Module) -> Iterator[tuple[str, ast.expr, str]]:
    for call in module.calls:
        if isinstance(call.func, ast.Attribute):
            name = ast.unparse(call.func.value) if call.func.attr in ("fit", "train_on_batch", "compile") else ""
            if call.func.attr == "compile":
                yield "compile", call, name
            elif name and is_model(module, call.func.value):
                yield "fit", call, name
    for target in module.attributes_set:
        if target.attr == "trainable":
            root = target.value
            while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
                root = root.func if isinstance(root, ast.Call) else root.value
            yield "set", target, ast.unparse(root)
