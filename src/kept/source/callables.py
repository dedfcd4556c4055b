"""Functions that a program hands to Keras to be saved with a model: where, and of which form each is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kept.source.catalogue import KerasClass
from kept.source.classes import ClassModel, registration
from kept.source.instances import assigned, function_of, object_class, returned
from kept.source.kinds import Kind, ParameterKind
from kept.source.module import Function, Module
from kept.source.names import last_part
from kept.source.state import is_class_name
from kept.source.uses import once
from kept.source.walking import nodes

__all__ = ["Form", "Handed", "compile_calls", "form_of", "handed", "registered_by_call"]

_COMPILE = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
_TELLING = frozenset({"optimizer", "loss", "metrics", "weighted_metrics"})
_FUNCTIONS = ("activation", "initializer", "regularizer", "constraint")
_EXACT = frozenset({"function", "fn", "standardize", "split", "learning_rate"})
_SAVED = frozenset({Kind.LAYER, Kind.MODEL, Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER})


class Form(str, Enum):
    """What a function handed to Keras is. A FUNCTION stands at the top of a module, and is found by its name."""

    FUNCTION = "function"
    LAMBDA = "lambda"
    LOCAL = "local function"
    PARTIAL = "functools.partial"
    COMPILED = "compiled function"
    METHOD = "bound method"
    CALLABLE = "callable object"


@dataclass(frozen=True, slots=True)
class Handed:
    """One function in one argument of Keras.

    Attributes:
        slot: Name of the argument, such as `loss` or `activation`.
        node: The expression in the call.
        form: What it is.
        name: What it is called; empty for a lambda.
        function: Its statement; None where there is none in this file.
        owner: What takes it: `compile`, or the name of a class of Keras.
    """

    slot: str
    node: ast.expr
    form: Form
    name: str
    function: Function | None
    owner: str


@once
def handed(module: Module) -> tuple[Handed, ...]:
    """Every function of the file that is handed to `compile`, or to a layer that is a part of a model's config."""
    return tuple(_handed(module))


def _handed(module: Module) -> Iterator[Handed]:
    for call in compile_calls(module):
        named = {one.arg: one.value for one in call.keywords if one.arg}
        for slot, value in (dict(zip(_COMPILE, call.args, strict=False)) | named).items():
            if slot in _TELLING:
                yield from _each(module, slot, value, "compile")
    for call in module.calls:
        given = [*call.args, *(one.value for one in call.keywords if _is_slot(one.arg or ""))]
        if any(isinstance(one, (ast.Lambda, ast.Name, ast.Call, ast.Attribute, ast.List)) for one in given):
            yield from _to_constructor(module, call)


def compile_calls(module: Module) -> Iterator[ast.Call]:
    """Calls of Keras's own `compile` of a model."""
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "compile" and (call.args or call.keywords):
            owner = object_class(module, call.func.value)
            if owner is None and not _is_super(call.func.value):
                told = any(one.arg in _TELLING for one in call.keywords) and "keras" in module.text
                if told and not isinstance(call.func.value, ast.Call):
                    yield call
            elif not (isinstance(owner, ClassModel) and owner.defines("compile")) and (
                owner is None or owner.kind is Kind.MODEL
            ):
                yield call


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _to_constructor(module: Module, call: ast.Call) -> Iterator[Handed]:
    if not is_class_name(call.func):
        return
    made = module.class_of(call.func)
    keras = made.keras if isinstance(made, ClassModel) and not made.constructors and made.is_known else made
    if not isinstance(keras, KerasClass) or keras.kind not in _SAVED or _is_code_of_a_class(module, call):
        return
    if not _is_in_a_graph(module, call):
        return
    placed = [one.name for one in keras.parameters if one.kind is ParameterKind.POSITIONAL]
    given = dict(zip(placed, call.args, strict=False)) | {one.arg: one.value for one in call.keywords if one.arg}
    for slot, value in given.items():
        if _is_slot(slot):
            yield from _each(module, slot, value, keras.path.rpartition(".")[2])


def _is_in_a_graph(module: Module, call: ast.Call) -> bool:
    """Whether what a call makes is surely part of a model: a function that only returns it may serve a class."""
    around = module.parent(call)
    scope = module.scope_of(call)
    if scope is None or (isinstance(around, ast.Call) and around.func is call):
        return True
    while (outer := module.scope_of(scope)) is not None:
        scope = outer
    made = (node for node in nodes(scope) if isinstance(node, ast.Call))
    return any(_called(one) in ("Sequential", "Model", "Functional", "Input", "add", "compile", "fit") for one in made)


def _called(call: ast.Call) -> str:
    return last_part(call.func)


def _is_slot(name: str) -> bool:
    return name in _EXACT or name.endswith(_FUNCTIONS)


def _is_code_of_a_class(module: Module, node: ast.AST) -> bool:
    """Whether it stands in a class of Keras, or in one that may be: what is made there is made again by its code."""
    scope = module.scope_of(node)
    while scope is not None:
        if isinstance(scope, ast.ClassDef):
            owner = next(one for one in module.classes if one.node is scope)
            if owner.keras is not None or not owner.is_known:
                return True
        scope = module.scope_of(scope)
    return False


def _each(module: Module, slot: str, value: ast.expr, owner: str) -> Iterator[Handed]:
    if isinstance(value, (ast.List, ast.Tuple)):
        for one in value.elts:
            yield from _each(module, slot, one, owner)
    elif isinstance(value, ast.Dict):
        for one in value.values:
            yield from _each(module, slot, one, owner)
    else:
        found = form_of(module, value)
        if found is not None:
            yield Handed(slot, value, *found, owner)


def form_of(module: Module, node: ast.expr, depth: int = 0) -> tuple[Form, str, Function | None] | None:
    """What an expression is, if it surely is a function of the user; with its name and its statement."""
    if depth > 4:
        return None
    if isinstance(node, ast.Lambda):
        return Form.LAMBDA, "", None
    if isinstance(node, ast.Name):
        return _named(module, node, depth)
    if isinstance(node, ast.Call):
        return _made(module, node, depth)
    if isinstance(node, ast.Attribute):
        return _method(module, node)
    return None


def _named(module: Module, node: ast.Name, depth: int) -> tuple[Form, str, Function | None] | None:
    function = function_of(module, node)
    if function is not None:
        return _defined(module, function)
    value = assigned(module, node)
    return None if value is None or isinstance(value, ast.Name) else form_of(module, value, depth + 1)


def _defined(module: Module, function: Function) -> tuple[Form, str, Function] | None:
    if isinstance(module.scope_of(function), ast.ClassDef) or registration(module, function) is not None:
        return None
    decorated = [module.dotted(one.func if isinstance(one, ast.Call) else one) for one in function.decorator_list]
    if any(one in _COMPILERS for one in decorated):
        return Form.COMPILED, function.name, function
    if decorated:
        return None
    return (Form.FUNCTION if module.scope_of(function) is None else Form.LOCAL), function.name, function


_COMPILERS = frozenset({"tensorflow.function", "jax.jit", "jax.pmap", "jax.vmap", "functools.partial"})


def _made(module: Module, node: ast.Call, depth: int) -> tuple[Form, str, Function | None] | None:
    dotted = module.dotted(node.func)
    if dotted == "functools.partial":
        return Form.PARTIAL, _shown(node.args[0]) if node.args else "", None
    if dotted in _COMPILERS:
        return Form.COMPILED, _shown(node.args[0]) if node.args else "", None
    made = module.class_of(node.func)
    if isinstance(made, ClassModel):
        plain = made.is_known and made.keras is None and not made.node.decorator_list
        silent = made.defines("get_config") is None and made.defines("__name__") is None
        return (Form.CALLABLE, made.name, None) if plain and silent and made.defines("__call__") else None
    factory = function_of(module, node.func)
    if factory is None or factory.decorator_list or made is not None:
        return None
    forms = {form_of(module, one, depth + 1) for one in returned(factory)}
    found = forms.pop() if len(forms) == 1 else None
    if found is None or found[0] in (Form.FUNCTION, Form.CALLABLE):
        return None
    return found


def _method(module: Module, node: ast.Attribute) -> tuple[Form, str, Function | None] | None:
    owner = object_class(module, node.value)
    if not isinstance(owner, ClassModel):
        return None
    home = owner.defines(node.attr)
    function = home.methods.get(node.attr) if home is not None else None
    if home is None or function is None or function.decorator_list:
        return None
    return (Form.METHOD, node.attr, function) if home.module is module else (Form.METHOD, node.attr, None)


def _shown(node: ast.expr) -> str:
    return ast.unparse(node)


def registered_by_call(module: Module) -> frozenset[str]:
    """Names that the file gives to Keras as custom objects, in a dict or by a call, without a decorator."""
    found: set[str] = set()
    for node in nodes(module.tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    name = key.value if isinstance(value, ast.Call) else last_part(value)
                    if name == key.value or _is_for_custom_objects(module, node):
                        found.add(name)
        elif isinstance(node, ast.Call):
            called = node.func.func if isinstance(node.func, ast.Call) else node.func
            if "register" in last_part(called) or last_part(called) in ("custom_object_scope", "CustomObjectScope"):
                found |= {one for one in map(last_part, node.args) if one}
                found |= {one.arg for one in node.keywords if one.arg}
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            found |= {one for one in (last_part(node.value),) if one}
    return frozenset(found)


def _is_for_custom_objects(module: Module, node: ast.Dict) -> bool:
    """Whether a dict is called so, or given to something that is."""
    around = module.parent(node)
    if isinstance(around, ast.keyword):
        return "custom" in (around.arg or "")
    if isinstance(around, (ast.Assign, ast.AnnAssign)):
        targets = around.targets if isinstance(around, ast.Assign) else [around.target]
        return any("custom" in last_part(one).lower() for one in targets)
    return isinstance(around, ast.Call) and "custom" in ast.unparse(around.func)
