"""Attributes of a layer or model that hold state which Keras neither tracks nor saves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from kept.source.classes import ClassModel
from kept.source.kinds import Kind
from kept.source.module import Function, Module
from kept.source.names import chain
from kept.source.state import attribute, made_in
from kept.source.walking import nodes, own_nodes

__all__ = ["Untracked", "untracked"]

_OWN = "make it a weight (add_weight) or an attribute of its own"
_FOREIGN = {
    "tensorflow.Variable": "is a variable of TensorFlow, which Keras does not save",
    "torch.nn.Parameter": "is a parameter of Torch, which Keras neither trains nor saves",
    "torch.nn.parameter.Parameter": "is a parameter of Torch, which Keras neither trains nor saves",
}
_STARTING = frozenset(
    {"__init__", "build", "get_config", "from_config", "reset", "reset_state", "reset_states", "compile"}
)
_HOLDERS = frozenset({"types.SimpleNamespace", "collections.deque", "argparse.Namespace"})


@dataclass(frozen=True, slots=True)
class Untracked:
    """One attribute.

    Attributes:
        attribute: Its name.
        what: What is wrong with it, as the rest of a sentence.
        node: Where to look.
        instead: What to do, as an order.
    """

    attribute: str
    what: str
    node: ast.AST
    instead: str = _OWN


def untracked(module: Module, one: ClassModel) -> Iterator[Untracked]:
    """What the class itself keeps out of sight of Keras, one finding an attribute."""
    seen: set[str] = set()
    for found in (*_held(module, one), *_foreign(module, one), *_counted(one)):
        if found.attribute not in seen:
            seen.add(found.attribute)
            yield found


def _assigned(one: ClassModel) -> Iterator[tuple[Function, str, ast.Assign]]:
    for method in one.methods.values():
        for node in own_nodes(method):
            if isinstance(node, ast.Assign):
                yield from ((method, attribute(target), node) for target in node.targets if attribute(target))


def _held(module: Module, one: ClassModel) -> Iterator[Untracked]:
    """Layers and variables inside objects that Keras does not look into."""
    for method, name, node in _assigned(one):
        every = made_in(module, method)
        within = set(nodes(node.value)) if every else set()
        inside = [made for made in every if made.node in within]
        if name == "_layers" and one.kind is Kind.LAYER and any(made.what == "layer" for made in inside):
            yield Untracked(name, "has a name that Keras skips when it saves", node.targets[0], "give it another name")
        if not isinstance(node.value, ast.Call):
            continue
        holder = module.dotted(node.value.func)
        if holder in _HOLDERS and inside:
            yield Untracked(name, f"is a {holder} that holds a {inside[0].what}, which Keras does not see", node.value)
        made = module.class_of(node.value.func)
        if isinstance(made, ClassModel) and made.is_known and made.keras is None and not _is_generated(made):
            what = _of_plain(made) or _put_into(module, one, name)
            if what:
                yield Untracked(name, f"is a plain object that holds a {what}, which Keras does not see", node.value)


def _is_generated(made: ClassModel) -> bool:
    """Whether Keras may see into it after all: a tuple or dict, or a class that is made by a decorator or metaclass."""
    return bool(made.node.decorator_list or made.node.keywords) or any(
        ast.unparse(base) != "object" for one in made.lineage for base in one.node.bases
    )


def _of_plain(made: ClassModel) -> str:
    """What `__init__` of a plain class keeps in an attribute."""
    start = made.methods.get("__init__")
    kept = [found for found in made_in(made.module, start) if found.attribute] if start is not None else []
    return kept[0].what if kept else ""


def _put_into(module: Module, one: ClassModel, name: str) -> str:
    """What methods of the class put into the object in an attribute: `self.box.gain = keras.Variable(1.0)`."""
    for method in one.methods.values():
        made = {found.node: found.what for found in made_in(module, method)}
        for node in own_nodes(method):
            if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value in made):
                continue
            parts = [chain(target) or [] for target in node.targets]
            if any(one[:2] == ["self", name] and len(one) > 2 for one in parts):
                return made[node.value]
    return ""


def _foreign(module: Module, one: ClassModel) -> Iterator[Untracked]:
    """Variables of other libraries that are random at first, or changed later."""
    for _, name, node in _assigned(one):
        if not isinstance(node.value, ast.Call):
            continue
        what = _FOREIGN.get(module.dotted(node.value.func) or "")
        if what is not None and ("Torch" in what or _is_changed(module, name) or "random" in ast.unparse(node.value)):
            yield Untracked(name, what, node.value, "make it a weight with add_weight")


def _is_changed(module: Module, name: str) -> bool:
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr.startswith("assign")
        and isinstance(call.func.value, ast.Attribute)
        and call.func.value.attr == name
        for call in module.calls
    )


def _counted(one: ClassModel) -> Iterator[Untracked]:
    """Numbers and arrays that begin as constants, go from one value to the next, and are read by another method."""
    if one.constructor is None:
        return
    for stored in one.constructor.stored:
        name = stored.attribute
        if stored.value is None or stored.origin.names or not _is_start(stored.value) or _in_config(one, name):
            continue
        steps = [(method, node) for method in one.methods.values() for node in _steps(method, name)]
        steps = [(method, node) for method, node in steps if method.name not in _STARTING]
        read = any(
            attribute(node) == name and isinstance(node.ctx, ast.Load) and not _is_within(node, steps)
            for method in _computing(one)
            for node in own_nodes(method)
            if isinstance(node, ast.Attribute)
        )
        if steps and read:
            method, node = steps[0]
            yield Untracked(name, f"is changed by {method.name}, and is no weight", node)


def _computing(one: ClassModel) -> list[Function]:
    """Methods on which outputs and losses depend: `call`, steps of training, and what of `self` they call."""
    found: dict[str, Function] = {}
    names = ["call", "train_step", "test_step", "predict_step", "compute_loss"]
    while names:
        name = names.pop()
        home = one.defines(name) if name not in found else None
        method = home.methods.get(name) if home is not None else None
        if method is not None:
            found[name] = method
            names += [attribute(node) for node in own_nodes(method) if attribute(node)]
    return list(found.values())


def _is_start(value: ast.expr) -> bool:
    """Whether a value is a number, or an array of numpy."""
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    if isinstance(value, ast.Constant):
        return isinstance(value.value, (int, float)) and not isinstance(value.value, bool)
    parts = chain(value.func) if isinstance(value, ast.Call) else None
    return bool(parts) and parts is not None and parts[0] in ("np", "numpy") and parts[-1] in _ARRAYS


_ARRAYS = frozenset({"zeros", "ones", "full", "empty", "array", "eye", "zeros_like", "ones_like"})


def _in_config(one: ClassModel, name: str) -> bool:
    """Whether a config of the class, or a method that saves its state, may hold the attribute."""
    saving = ("get_config", "save_own_variables", "save_assets", "get_build_config", "__getstate__")
    nodes = (
        node for base in one.lineage for key in saving if key in base.methods for node in own_nodes(base.methods[key])
    )
    return any(attribute(node) == name for node in nodes)


def _steps(method: Function, name: str) -> Iterator[ast.AST]:
    """Statements after which an attribute depends on what it was before."""
    for node in own_nodes(method):
        if isinstance(node, ast.AugAssign) and attribute(_root(node.target)) == name:
            yield node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if attribute(_root(target)) == name and any(attribute(one) == name for one in nodes(node.value)):
                    yield node


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node


def _is_within(node: ast.AST, steps: list[tuple[Function, ast.AST]]) -> bool:
    return any(node in set(nodes(step)) for _, step in steps)
