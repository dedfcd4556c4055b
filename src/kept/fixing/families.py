"""What an argument may hold, as far as the source tells, and how a value of that kind gets through a config."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum

from kept.source.classes import ClassModel
from kept.source.constructor import How, Parameter
from kept.source.kinds import Kind
from kept.source.module import Module

__all__ = ["GETTERS", "Family", "family_of", "named_enum"]


class Family(str, Enum):
    """Kinds of values, by what a config makes of them."""

    PLAIN = "plain"
    TUPLE = "tuple"
    SET = "set"
    FROZENSET = "frozenset"
    BYTES = "bytes"
    COMPLEX = "complex"
    PATH = "path"
    ENUM = "enum"
    ARRAY = "array"
    TENSOR = "tensor"
    KEYED = "dict with keys that are no text"
    FUNCTION = "function"
    OBJECT = "object of Keras"


GETTERS = {
    f"keras.{module}.get": f"{module}.serialize"
    for module in ("activations", "initializers", "regularizers", "constraints", "losses", "metrics", "optimizers")
}
"""What turns a config into an object -> what turns the object into a config."""

_CALLED = {
    "set": Family.SET, "frozenset": Family.FROZENSET, "bytes": Family.BYTES, "bytearray": Family.BYTES,
    "complex": Family.COMPLEX, "tuple": Family.TUPLE,
}  # fmt: skip
_ANNOTATED = _CALLED | {
    "Set": Family.SET, "AbstractSet": Family.SET, "FrozenSet": Family.FROZENSET, "Tuple": Family.TUPLE,
    "Path": Family.PATH, "PurePath": Family.PATH, "PosixPath": Family.PATH, "ndarray": Family.ARRAY,
    "NDArray": Family.ARRAY, "Tensor": Family.TENSOR, "KerasTensor": Family.TENSOR, "Callable": Family.FUNCTION,
}  # fmt: skip
_ARRAYS = ("numpy.",)
_TENSORS = ("keras.ops.", "tensorflow.", "torch.", "jax.numpy.")
_OBJECTS = frozenset(
    {
        Kind.LAYER, Kind.MODEL, Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER, Kind.SCHEDULE, Kind.INITIALIZER,
        Kind.REGULARIZER, Kind.CONSTRAINT, Kind.QUANTIZER, Kind.DTYPE_POLICY,
    }
)  # fmt: skip


def family_of(model: ClassModel, parameter: Parameter) -> Family:
    """What an argument of a class holds: by its type, its default, what `__init__` makes of it, and by its callers."""
    module = model.module
    for found in _evidence(model, parameter, module):
        if found is not None and found is not Family.PLAIN:
            return found
    return Family.PLAIN


def _evidence(model: ClassModel, parameter: Parameter, module: Module) -> Iterator[Family | None]:
    if parameter.annotation is not None:
        yield annotated_family(module, parameter.annotation)
    if parameter.default is not None:
        yield value_family(module, parameter.default)
    for _, constructor in model.constructors:
        for stored in constructor.attributes_of(parameter.name):
            if isinstance(stored.value, ast.Call) and stored.origin.how is How.CONVERTED:
                yield _call_family(module, stored.value)
    for given in _arguments(model, parameter, module):
        yield value_family(module, given)
    yield _called(model, parameter)


def annotated_family(module: Module, node: ast.expr) -> Family | None:
    """What a type hint says; the first of a union that says anything."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return annotated_family(module, ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(node, ast.BinOp):
        return annotated_family(module, node.left) or annotated_family(module, node.right)
    if isinstance(node, ast.Subscript):
        name = _last(node.value)
        if name in ("Optional", "Union", "Annotated", "Final"):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return next((found for one in parts if (found := annotated_family(module, one))), None)
        if name in ("list", "List", "Sequence", "Iterable", "tuple", "Tuple", "dict", "Dict"):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if any(annotated_family(module, one) is Family.OBJECT for one in parts):
                return Family.OBJECT
            if name in ("dict", "Dict") and _last(parts[0]) in ("int", "float", "tuple", "bool"):
                return Family.KEYED
        return _ANNOTATED.get(name)
    known = module.class_of(node)
    if known is not None and known.kind in _OBJECTS:
        return Family.OBJECT
    if named_enum(module, node):
        return Family.ENUM
    return _ANNOTATED.get(_last(node))


def value_family(module: Module, node: ast.expr, depth: int = 0) -> Family | None:
    """What an expression gives, where that can be seen."""
    if isinstance(node, (ast.Set, ast.SetComp)):
        return Family.SET
    if isinstance(node, ast.Constant):
        return {bytes: Family.BYTES, complex: Family.COMPLEX}.get(type(node.value), Family.PLAIN)
    if isinstance(node, ast.Tuple):
        return Family.TUPLE
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return Family.COMPLEX if _has_complex(node) else None
    if isinstance(node, ast.Dict):
        keys = [one for one in node.keys if isinstance(one, (ast.Constant, ast.Tuple))]
        keyed = any(isinstance(one, ast.Tuple) or not isinstance(one.value, str) for one in keys)
        return Family.KEYED if keyed else _of_parts(module, node.values, depth)
    if isinstance(node, ast.List):
        return _of_parts(module, node.elts, depth)
    if isinstance(node, ast.Lambda):
        return Family.FUNCTION
    if isinstance(node, ast.Call):
        return _call_family(module, node)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _name_family(module, node, depth)
    return None


def _of_parts(module: Module, parts: list[ast.expr], depth: int) -> Family | None:
    found = {value_family(module, one, depth + 1) for one in parts} if depth < 4 else set()
    return next((one for one in (Family.OBJECT, Family.FUNCTION) if one in found), Family.PLAIN)


def _call_family(module: Module, node: ast.Call) -> Family | None:
    known = module.class_of(node.func)
    if known is not None:
        has_config = isinstance(known, ClassModel) and "get_config" in known.methods
        return Family.OBJECT if known.kind in _OBJECTS or has_config else None
    name = module.dotted(node.func) or ""
    if name.startswith("pathlib."):
        return Family.PATH
    if name.startswith(_ARRAYS):
        return Family.ARRAY
    if name.startswith(_TENSORS):
        return Family.TENSOR
    return _CALLED.get(_last(node.func)) if isinstance(node.func, ast.Name) else None


def _name_family(module: Module, node: ast.expr, depth: int) -> Family | None:
    if isinstance(node, ast.Attribute) and named_enum(module, node.value):
        return Family.ENUM
    if isinstance(node, ast.Name) and depth < 4:
        if any(one.name == node.id for one in module.functions):
            return Family.FUNCTION
        for statement in module.tree.body:
            if isinstance(statement, ast.Assign) and any(
                isinstance(one, ast.Name) and one.id == node.id for one in statement.targets
            ):
                return value_family(module, statement.value, depth + 1)
    return Family.FUNCTION if (module.dotted(node) or "").startswith(_TENSORS) else None


def named_enum(module: Module, node: ast.expr) -> bool:
    """Whether an expression names an enumeration of this file."""
    if not isinstance(node, ast.Name):
        return False
    for one in module.class_nodes:
        if one.name == node.id:
            return any((module.dotted(base) or "").startswith("enum.") for base in one.bases)
    return False


def _arguments(model: ClassModel, parameter: Parameter, module: Module) -> Iterator[ast.expr]:
    """What calls of the class in its own file give for a parameter."""
    constructor = model.initialiser
    if constructor is None:
        return
    names = [one.name for one in constructor.parameters]
    at = names.index(parameter.name) if parameter.name in names else len(names)
    for call in module.calls:
        if _last(call.func) != model.name or module.class_of(call.func) is not model:
            continue
        for keyword in call.keywords:
            if keyword.arg == parameter.name:
                yield keyword.value
        if at < len(call.args) and not any(isinstance(one, ast.Starred) for one in call.args):
            yield call.args[at]


def _called(model: ClassModel, parameter: Parameter) -> Family | None:
    """A thing that the layer holds and calls is a layer, or a function."""
    held = {
        stored.attribute
        for _, constructor in model.constructors
        for stored in constructor.attributes_of(parameter.name)
        if len(stored.origin.names) == 1 and stored.origin.how is not How.DERIVED
    }
    for name, method in model.methods.items():
        if name == "__init__":
            continue
        for node in ast.walk(method):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in held:
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == "self":
                    return Family.OBJECT
    return None


def _has_complex(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Constant) and isinstance(one.value, complex) for one in ast.walk(node))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
