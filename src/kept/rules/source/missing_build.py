"""Sublayers that are not built when the model is loaded.

What it does:
    Looks at subclassed models with a `build` of their own that does not touch a sublayer which `call` uses, and at
    sublayers that `call` uses only while training, and that no `build` mentions.

Why it matters:
    Before the weights are read, `load_model` calls `build` and takes the model for built. A sublayer that is not built
    by then has no variables: its weights are passed over, and it starts with random ones at the first call. What is
    built only while training is not there when the file is read.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Net(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

        def call(self, x):
            return self.dense(x) * self.scale

    model = Net()
    model(keras.ops.ones((2, 3)))

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Net(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x) * self.scale

    model = Net()
    model(keras.ops.ones((2, 3)))

Fix safety:
    Unsafe: layers are built earlier than they were. It is written where the shapes can be followed through `call`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.instances import object_class
from kept.source.kinds import Kind
from kept.source.module import Function, Module
from kept.source.names import chain
from kept.source.state import attribute, stateful_classes, sublayers
from kept.source.walking import nodes, own_nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT121", __name__, Severity.WARNING, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in stateful_classes(subject):
        call, layers = one.methods.get("call"), sublayers(one)
        if call is None or not layers or one.defines("build_from_config") is not None:
            continue
        build = one.methods.get("build")
        if one.kind is Kind.MODEL and build is not None and one.keras is not None and one.keras.path == "keras.Model":
            used = _called(call)
            forgotten = [name for name in layers if name in used and not _may_build(one, name)]
            forgotten = [name for name in forgotten if not _builds_itself(subject, layers[name])]
            if forgotten:
                yield _finding(subject, build, one, forgotten, "not built by its build")
        elif build is None and one.defines("build") is None:
            for name in layers:
                if _only_in_training(call, name) and not _is_used_elsewhere(one, name):
                    yield _finding(subject, _first(call, name), one, [name], "built only while training")


def _builds_itself(module: Module, made: ast.expr) -> bool:
    """Whether a custom sublayer may build its parts in its constructor."""
    owner = object_class(module, made)
    start = owner.constructor if isinstance(owner, ClassModel) else None
    return start is not None and any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "build"
        for node in own_nodes(start.node)
    )


def _called(method: Function) -> set[str]:
    return {attribute(node.func) for node in own_nodes(method) if isinstance(node, ast.Call)} - {""}


def _may_build(one: ClassModel, name: str) -> bool:
    """Whether a `build` names the sublayer, or may reach all of them: through `self.layers`, `self(...)`, a loop."""
    if any(
        chain(node) == ["self", name, "build"]
        for base in one.lineage
        for method in base.methods.values()
        for node in own_nodes(method)
    ):
        return True
    for base in one.lineage:
        build = base.methods.get("build")
        for node in own_nodes(build) if build is not None else ():
            if attribute(node) in (name, "layers", "_layers", "call", "_flatten_layers", "__call__", "submodules"):
                return True
            if isinstance(node, ast.Call):
                passed = [*node.args, *(word.value for word in node.keywords)]
                if any(isinstance(arg, ast.Name) and arg.id == "self" for arg in passed):
                    return True
                if isinstance(node.func, ast.Name) and node.func.id in ("self", "getattr", "vars"):
                    return True
                if attribute(node.func) and attribute(node.func) in one.methods:
                    return True
    return False


def _is_training(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "training"


def _only_in_training(call: Function, name: str) -> bool:
    """Whether every use of an attribute stands under `if training:`, and `training` does not begin as true."""
    spec = call.args
    names = [one.arg for one in [*spec.posonlyargs, *spec.args]]
    default = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True)).get("training")
    if default is not None and isinstance(default, ast.Constant) and default.value is True:
        return False
    guarded: set[ast.AST] = set()
    for node in own_nodes(call):
        if isinstance(node, ast.If) and _is_training(node.test):
            guarded |= {inner for statement in node.body for inner in nodes(statement)}
    uses = [node for node in own_nodes(call) if attribute(node) == name]
    return bool(uses) and all(node in guarded for node in uses) and name in _called(call)


def _is_used_elsewhere(one: ClassModel, name: str) -> bool:
    others = (method for method in one.methods.values() if method.name not in ("__init__", "call"))
    return any(attribute(node) == name for method in others for node in own_nodes(method))


def _first(call: Function, name: str) -> ast.AST:
    return next(node for node in own_nodes(call) if attribute(node) == name)


def _finding(module: Module, node: ast.AST, one: ClassModel, names: list[str], what: str) -> Finding:
    shown = " and ".join(names)
    return RULE.finding(
        f"{one.name}.{shown} {'are' if len(names) > 1 else 'is'} {what}",
        kind=one.name,
        location=module.location(node),
        stock=f"saves; loaded on its own, it has fresh random weights in {shown}, or raises: was never built",
        kept="keeps it: sublayers are built as they were when the model was saved",
        fix=Fix(f"build {shown} in {one.name}.build", f"self.{names[0]}.build(...)", Applicability.UNSAFE),
    )
