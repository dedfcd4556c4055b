"""What a class of Keras makes that lives on in it: sublayers and variables, and where it makes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from kept.source.catalogue import KerasClass
from kept.source.classes import ClassModel
from kept.source.instances import object_class
from kept.source.kinds import Kind
from kept.source.module import Function, Module
from kept.source.names import chain
from kept.source.walking import nodes, own_nodes

__all__ = ["Made", "attribute", "is_class_name", "made_in", "stateful_classes", "sublayers", "weighs"]

_WEIGHTED = re.compile(
    r"Dense|EinsumDense|ReversibleEmbedding|Embedding|(Depthwise|Separable)?Conv[123]D(Transpose)?|ConvLSTM[123]D"
    r"|LSTM|GRU|SimpleRNN|(LSTM|GRU|SimpleRNN)Cell|(Batch|Layer|Group|RMS|Spectral)Normalization|PReLU"
    r"|MultiHeadAttention|GroupQueryAttention|AdditiveAttention|Bidirectional"
)
_KINDS = (Kind.LAYER, Kind.MODEL)


@dataclass(frozen=True, slots=True)
class Made:
    """A layer or variable that a method makes.

    Attributes:
        node: The call that makes it.
        what: `layer` or `variable`.
        name: Of the class, or of the method of the layer.
        attribute: Of `self`, in which it is kept, also inside a list or dict; empty where it is kept in none.
    """

    node: ast.Call
    what: str
    name: str
    attribute: str


def stateful_classes(module: Module) -> Iterator[ClassModel]:
    """Layers and models of the file, all ancestors of which are known."""
    return (one for one in module.classes if one.kind in _KINDS and one.is_known)


def attribute(node: ast.AST | None) -> str:
    """`x` of `self.x`; empty for anything else."""
    parts = chain(node) if node is not None else None
    return parts[1] if parts is not None and len(parts) == 2 and parts[0] == "self" else ""


def made_in(module: Module, method: Function) -> tuple[Made, ...]:
    """Layers with weights, and variables, that a method makes."""
    held: dict[str, tuple[Made, ...]] = method.__dict__
    if "_made" not in held:
        held["_made"] = tuple(_made_in(module, method))
    return held["_made"]


def _made_in(module: Module, method: Function) -> Iterator[Made]:
    for node in own_nodes(method):
        if not isinstance(node, ast.Call):
            continue
        if attribute(node.func) in ("add_weight", "add_variable"):
            yield Made(node, "variable", attribute(node.func), _keeper(module, node, method))
            continue
        made = module.class_of(node.func) if is_class_name(node.func) else None
        if isinstance(made, KerasClass) and made.path == "keras.Variable":
            yield Made(node, "variable", "keras.Variable", _keeper(module, node, method))
        elif made is not None and made.kind in _KINDS and weighs(made):
            name = made.name if isinstance(made, ClassModel) else made.path.rpartition(".")[2]
            yield Made(node, "layer", name, _keeper(module, node, method))


def is_class_name(node: ast.AST) -> bool:
    """Whether a name is written as those of classes are, by its capitals."""
    last = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return last.lstrip("_")[:1].isupper()


def weighs(made: ClassModel | KerasClass) -> bool:
    """Whether objects of a class of layers surely have weights."""
    if isinstance(made, KerasClass):
        return _WEIGHTED.fullmatch(made.path.rpartition(".")[2]) is not None
    if made not in _WEIGHS:
        _WEIGHS[made] = False  # a layer that holds one of its own class
        _WEIGHS[made] = _weighs(made)
    return _WEIGHS[made]


_WEIGHS: WeakKeyDictionary[ClassModel, bool] = WeakKeyDictionary()


def _weighs(made: ClassModel) -> bool:
    if made.keras is not None and weighs(made.keras) and made.defines("call") is None:
        return True
    calls = (
        node
        for one in made.lineage
        for method in one.methods.values()
        for node in own_nodes(method)
        if isinstance(node, ast.Call)
    )
    return any(attribute(node.func) in ("add_weight", "add_variable") for node in calls) or any(
        sublayers(one) for one in made.lineage
    )


def _keeper(module: Module, node: ast.AST, method: Function) -> str:
    """The attribute of `self` in which a value ends up at once, or after a local name."""
    around = module.parent(node)
    while around is not None and around is not method:
        if isinstance(around, (ast.Assign, ast.AnnAssign)):
            targets = around.targets if isinstance(around, ast.Assign) else [around.target]
            for target in targets:
                root: ast.AST = target
                while isinstance(root, ast.Subscript):
                    root = root.value
                if attribute(root):
                    return attribute(root)
                if isinstance(root, ast.Name):
                    return _handed_over(root.id, method)
            return ""
        if isinstance(around, ast.Call) and isinstance(around.func, ast.Attribute) and node in around.args:
            if around.func.attr in ("append", "insert", "add", "extend", "setdefault", "setattr"):
                return attribute(around.func.value)
            return ""
        if isinstance(around, ast.Call) and around.func is not node:
            return "" if not isinstance(around.func, ast.Name) or around.func.id != "setattr" else "..."
        if isinstance(around, (ast.Call, ast.stmt)):
            return ""
        node, around = around, module.parent(around)
    return ""


def _handed_over(name: str, method: Function) -> str:
    """The attribute of `self` to which a local name is assigned or appended later; `...` where it may be any."""
    for node in own_nodes(method):
        used = isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == name for one in nodes(node.value)
        ):
            for target in node.targets:
                root: ast.AST = target
                while isinstance(root, ast.Subscript):
                    root = root.value
                if attribute(root):
                    return attribute(root)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not used:
            if node.func.attr in ("append", "insert", "add", "setdefault") and any(
                isinstance(one, ast.Name) and one.id == name for one in node.args
            ):
                return attribute(node.func.value) or "..."
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name:
            return "..."
    return ""


def sublayers(one: ClassModel) -> dict[str, ast.expr]:
    """Attributes that `__init__` of a class surely fills with a layer that has weights, and what it assigns."""
    found: dict[str, ast.expr] = {}
    if one.constructor is None:
        return found
    for stored in one.constructor.stored:
        if stored.value is None or stored.conditional:
            continue
        made = object_class(one.module, stored.value) if isinstance(stored.value, ast.Call) else None
        if made is None or made is one or made.kind not in _KINDS:
            continue
        if weighs(made):
            found[stored.attribute] = stored.value
    return found
