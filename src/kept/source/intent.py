"""Which classes are meant to be made and saved, and which only to be derived from."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from kept.source.classes import ClassModel
from kept.source.kinds import Kind
from kept.source.module import Function, Module
from kept.source.names import last_part
from kept.source.uses import once
from kept.source.walking import nodes

__all__ = ["has_weights", "is_saved", "saved_classes"]

_WORK = {
    "keras.Layer": ("call",),
    "keras.Operation": ("call",),
    "keras.Loss": ("call",),
    "keras.Metric": ("update_state", "result"),
    "keras.Optimizer": ("update_step",),
    "keras.Initializer": ("__call__",),
    "keras.Regularizer": ("__call__",),
    "keras.constraints.Constraint": ("__call__",),
    "keras.Quantizer": ("__call__",),
    "keras.optimizers.schedules.LearningRateSchedule": ("__call__",),
}
"""Methods without which an object of a class that derives from one of these does nothing."""
_UNSAVED = frozenset({Kind.CALLBACK, Kind.OTHER, Kind.ACTIVATION})
_OPEN = frozenset({"get_config", "from_config", *(name for names in _WORK.values() for name in names)})
_BASE = re.compile(r"_*(Base|Abstract)(?![a-z])|.*\b([Aa]bstract|[Bb]ase class)\b|.*Base$")
_WEIGHTS = ("add_weight", "add_variable", "Variable")
_HOLDERS = (Kind.LAYER, Kind.MODEL)
_GENERATING = ("dataclass", "define", "attrs", "frozen", "attr.s")


def saved_classes(module: Module) -> Iterator[ClassModel]:
    """Classes of a file that end up in saved models, all ancestors of which are known."""
    return (one for one in module.classes if is_saved(one))


@once
def is_saved(one: ClassModel) -> bool:
    """Whether a class is one that Keras saves, that can be made, and whose constructor is there to be read."""
    if one.kind is None or one.kind in _UNSAVED or not one.is_known or one.node.keywords:
        return False
    if any((one.module.dotted(_called(node)) or "").endswith(_GENERATING) for node in one.node.decorator_list):
        return False
    if one.defines("__new__") is not None or one.defines("__init_subclass__") is not None:
        return False
    if _BASE.match(one.name) or _BASE.match(ast.get_docstring(one.node) or ""):
        return False
    if one.name.startswith("_") and any(_derives(each, one) for each in one.module.classes):
        return False
    assert one.keras is not None
    work = _WORK.get(one.keras.path, ())
    return all(one.defines(name) for name in work) and not _is_abstract(one)


def _derives(one: ClassModel, base: ClassModel) -> bool:
    return base in one.ancestors or (one.keras is not None and one.keras.source == base.dotted)


def has_weights(one: ClassModel) -> bool:
    """Whether a layer may have weights, of its own or of layers in it."""
    if one.keras is None or not one.keras.path.startswith(("keras.Layer", "keras.src.layers.preprocessing.")):
        return True
    for each in one.lineage:
        for node in nodes(each.node):
            if isinstance(node, ast.Call):
                called = last_part(node.func)
                if called in _WEIGHTS or getattr(each.module.class_of(node.func), "kind", None) in _HOLDERS:
                    return True
            elif isinstance(node, ast.Attribute) and node.attr in ("build", "weights", "trainable_variables"):
                return True
    return False


def _is_abstract(one: ClassModel) -> bool:
    seen: dict[str, Function] = {}
    for ancestor in one.lineage:
        for name, method in ancestor.methods.items():
            seen.setdefault(name, method)
    return any(_is_declared_abstract(method) or (name in _OPEN and _refuses(method)) for name, method in seen.items())


def _is_declared_abstract(method: Function) -> bool:
    return any(ast.unparse(one).endswith(("abstractmethod", "abstractproperty")) for one in method.decorator_list)


def _refuses(method: Function) -> bool:
    """Whether all that a method does is to raise NotImplementedError."""
    body = [one for one in method.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    if len(body) != 1 or not isinstance(body[0], ast.Raise) or body[0].exc is None:
        return False
    return "NotImplemented" in ast.unparse(_called(body[0].exc))


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node
