"""Of what class the object is that an expression gives, told from what stands around it; nothing is guessed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from kept.source.classes import Ancestor, ClassModel
from kept.source.kinds import Kind
from kept.source.module import Function, Module, Scope
from kept.source.names import chain
from kept.source.walking import nodes, own_nodes

__all__ = [
    "assigned",
    "assignments",
    "attribute_values",
    "function_of",
    "is_model",
    "kept_objects",
    "object_class",
    "returned",
]

_DEEPEST = 8
_MODEL_GIVERS = ("load_model", "clone_model", "model_from_json")
_MADE_OF_LAYERS = frozenset({Kind.LAYER, Kind.MODEL})


def object_class(module: Module, node: ast.AST, depth: int = 0) -> Ancestor | None:
    """The class of the object that an expression gives; None where that cannot be told, or where it may be several."""
    if depth > _DEEPEST:
        return None
    if isinstance(node, ast.Call):
        return _made_by(module, node, depth)
    if isinstance(node, ast.Name):
        if node.id == "self":
            return _own_class(module, node)
        return _only(module, list(_values_of(module, node)), depth) or _annotated(module, node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        owner = _own_class(module, node)
        return _only(module, list(attribute_values(owner, node.attr)), depth) if owner else None
    if isinstance(node, ast.NamedExpr):
        return object_class(module, node.value, depth + 1)
    return None


def is_model(module: Module, node: ast.AST) -> bool:
    """Whether an expression surely gives a model of Keras."""
    return getattr(object_class(module, node), "kind", None) is Kind.MODEL


def kept_objects(module: Module, node: ast.AST) -> bool:
    """Whether an expression surely gives a layer or a model."""
    return getattr(object_class(module, node), "kind", None) in _MADE_OF_LAYERS


def _made_by(module: Module, node: ast.Call, depth: int) -> Ancestor | None:
    called = module.class_of(node.func)
    if called is not None:
        return called
    dotted = module.dotted(node.func) or ""
    if dotted.startswith("keras.") and (
        dotted.rpartition(".")[2] in _MODEL_GIVERS or dotted.startswith("keras.applications.")
    ):
        return module.project.keras.find("keras.Model")
    function = function_of(module, node.func)
    if function is not None and not function.decorator_list:
        values = returned(function)
        return _only(module, values, depth) or (_named_class(module, function.returns) if function.returns else None)
    return None


def _only(module: Module, values: list[ast.expr], depth: int) -> Ancestor | None:
    """The class that all of some expressions give; `None` beside them does not count."""
    values = [one for one in values if not (isinstance(one, ast.Constant) and one.value is None)]
    found = [object_class(module, one, depth + 1) for one in values]
    if not found or found[0] is None:
        return None
    alike = all(one is not None and (one is found[0] or one.kind is found[0].kind) for one in found)
    return found[0] if alike else None


def returned(function: Function) -> list[ast.expr]:
    """What a function returns, without what functions in it return."""
    return [one.value for one in own_nodes(function) if isinstance(one, ast.Return) and one.value is not None]


def function_of(module: Module, node: ast.AST) -> Function | None:
    """The function of this file that a name means: one in a scope around it, or at the top."""
    if not isinstance(node, ast.Name):
        return None
    scope = module.scope_of(node)
    while True:
        if not isinstance(scope, ast.ClassDef):
            found = _functions(module).get((scope, node.id))
            if found is not None:
                return found
            if scope is None or assignments(module, scope, node.id) or node.id in _parameters(scope):
                return None
        scope = module.scope_of(scope)


_FUNCTIONS: WeakKeyDictionary[Module, dict[tuple[Scope | None, str], Function]] = WeakKeyDictionary()


def _functions(module: Module) -> dict[tuple[Scope | None, str], Function]:
    if module not in _FUNCTIONS:
        _FUNCTIONS[module] = {(module.scope_of(one), one.name): one for one in module.functions}
    return _FUNCTIONS[module]


def assignments(module: Module, scope: Scope | None, name: str) -> Sequence[ast.expr | None]:
    """What a scope assigns to one of its names; None where it comes out of a loop, `with` or a tuple."""
    index = _INDEX.setdefault(module, {})
    key = scope if scope is not None else module.tree
    if key not in index:
        index[key] = _assignments(key)
    return index[key].get(name, ())


_INDEX: WeakKeyDictionary[Module, dict[ast.AST, dict[str, list[ast.expr | None]]]] = WeakKeyDictionary()


def _assignments(scope: Scope | ast.Module) -> dict[str, list[ast.expr | None]]:
    found: dict[str, list[ast.expr | None]] = {}
    for one in own_nodes(scope):
        if isinstance(one, ast.Assign):
            for target in one.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(one.value)
                elif isinstance(target, (ast.Tuple, ast.List)):
                    for name in _stored(target):
                        found.setdefault(name, []).append(None)
        elif isinstance(one, (ast.AnnAssign, ast.NamedExpr)):
            if isinstance(one.target, ast.Name) and one.value is not None:
                found.setdefault(one.target.id, []).append(one.value)
        else:
            bound = getattr(one, "optional_vars" if isinstance(one, ast.withitem) else "target", None)
            for name in _stored(bound) if isinstance(bound, ast.AST) else ():
                found.setdefault(name, []).append(None)
    return found


def assigned(module: Module, node: ast.Name) -> ast.expr | None:
    """The only value that a name is ever given; None where there are several, or where it is a parameter."""
    values = list(_values_of(module, node))
    return values[0] if len(values) == 1 else None


def _values_of(module: Module, node: ast.Name) -> Iterator[ast.expr]:
    scope = module.scope_of(node)
    while True:
        if not isinstance(scope, ast.ClassDef):
            found = assignments(module, scope, node.id)
            if found:
                known = [one for one in found if one is not None]
                yield from known if len(known) == len(found) else ()
                return
            if scope is None or node.id in _parameters(scope):
                return
        scope = module.scope_of(scope)


def attribute_values(owner: ClassModel, name: str) -> Iterator[ast.expr]:
    """What the methods of a class and of its ancestors in source assign to one attribute of `self`."""
    for one in owner.lineage:
        if one not in _ATTRIBUTES:
            _ATTRIBUTES[one] = _attributes(one)
        yield from _ATTRIBUTES[one].get(name, ())


_ATTRIBUTES: WeakKeyDictionary[ClassModel, dict[str, list[ast.expr]]] = WeakKeyDictionary()


def _attributes(one: ClassModel) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for method in one.methods.values():
        for node in nodes(method):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    parts = chain(target)
                    if parts is not None and len(parts) == 2 and parts[0] == "self":
                        found.setdefault(parts[1], []).append(node.value)
    return found


def _annotated(module: Module, node: ast.Name) -> Ancestor | None:
    scope = module.scope_of(node)
    while scope is not None:
        if not isinstance(scope, ast.ClassDef) and node.id in _parameters(scope):
            annotation = _parameters(scope)[node.id].annotation
            return _named_class(module, annotation) if annotation is not None else None
        scope = module.scope_of(scope)
    return None


def _named_class(module: Module, node: ast.expr) -> Ancestor | None:
    """The class of an annotation, also of `"keras.Model"` and `keras.Model | None`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            inner = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return None
        found = module.names.dotted(inner)
        return module.project.find_class(found, module) if found else None
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value is None:
        return _named_class(module, node.left)
    return module.class_of(node)


def _own_class(module: Module, node: ast.AST) -> ClassModel | None:
    """The class around a method that a node stands in."""
    scope = module.scope_of(node)
    while scope is not None and not isinstance(scope, ast.ClassDef):
        scope = module.scope_of(scope)
    return next((one for one in module.classes if one.node is scope), None)


def _parameters(scope: Scope) -> dict[str, ast.arg]:
    if isinstance(scope, ast.ClassDef):
        return {}
    spec = scope.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *(one for one in (spec.vararg, spec.kwarg) if one)]
    return {one.arg: one for one in every}


def _stored(node: ast.AST) -> set[str]:
    return {one.id for one in nodes(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
