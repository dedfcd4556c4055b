"""A random value that is drawn when the object is made, and is in no file.

What it does:
    Looks for attributes of layers and models that `__init__` or `build` draws from a random generator without a seed:
    fixed projections, random masks, permutations.

Why it matters:
    The attribute is no weight. The process that loads the file draws anew, and the weights that were trained for the
    first draw meet another one.

Example:
    import keras
    import numpy as np

    @keras.saving.register_keras_serializable("example")
    class Features(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.directions = np.random.normal(size=(3, 4)).astype("float32")

        def call(self, x):
            return keras.ops.cos(keras.ops.matmul(x, self.directions))

    model = keras.Sequential([keras.Input((3,)), Features()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Features(keras.layers.Layer):
        def build(self, input_shape):
            self.directions = self.add_weight(
                shape=(3, 4), initializer="random_normal", trainable=False, name="directions"
            )

        def call(self, x):
            return keras.ops.cos(keras.ops.matmul(x, self.directions))

    model = keras.Sequential([keras.Input((3,)), Features()])

Fix safety:
    A person writes it: the value becomes a weight that is not trained.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.module import Module
from kept.source.names import last_part
from kept.source.state import attribute, is_class_name, stateful_classes
from kept.source.walking import nodes, own_nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT136", __name__, Severity.WARNING)
_DRAWS = re.compile(
    r"numpy\.random\.(rand|randn|randint|random|normal|uniform|standard_normal|permutation|choice|random_sample|binomial)"
    r"|random\.(random|uniform|gauss|normalvariate|randint|choice|sample|choices|randrange)"
    r"|(tensorflow|keras)\.random\.(normal|uniform|truncated_normal|randint|shuffle|categorical)"
    r"|torch\.(rand|randn|randint|randperm|bernoulli)|uuid\.uuid4"
)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if "rand" not in subject.text:
        return
    for one in stateful_classes(subject):
        for key in ("__init__", "build"):
            method = one.methods.get(key)
            nodes = list(own_nodes(method)) if method is not None else []
            if any(isinstance(node, ast.Call) and _is_seeding(node) for node in nodes):
                continue
            for node in nodes:
                if not isinstance(node, ast.Assign):
                    continue
                name = next((attribute(target) for target in node.targets if attribute(target)), "")
                drawn = _drawn(subject, node.value) if name else ""
                if drawn and _is_read(one, name) and not _is_kept(one, name):
                    yield RULE.finding(
                        f"{one.name}.{name} is drawn by {drawn} when the object is made",
                        kind=one.name,
                        location=subject.location(node),
                        stock=f"saves without it; loading draws {name} anew, without a word",
                        kept="keeps the value as extra state",
                        fix=Fix("make it a weight that is not trained", "self.add_weight(..., trainable=False)"),
                    )


def _is_seeding(call: ast.Call) -> bool:
    called = last_part(call.func)
    return called in ("seed", "set_random_seed", "set_seed", "manual_seed")


def _drawn(module: Module, value: ast.expr) -> str:
    """The random function whose result a value is made of, where no seed is given."""
    for node in nodes(value):
        if isinstance(node, ast.Lambda) or _is_weight(module, node):
            return ""
        dotted = module.dotted(node.func) if isinstance(node, ast.Call) else None
        if dotted is None or not isinstance(node, ast.Call) or not _DRAWS.fullmatch(dotted):
            continue
        if not any(word.arg in ("seed", "generator", None) for word in node.keywords):
            return dotted
    return ""


def _is_weight(module: Module, node: ast.AST) -> bool:
    """Whether a call makes something that is saved, or that makes its values itself."""
    if not isinstance(node, ast.Call):
        return False
    return attribute(node.func) in ("add_weight", "add_variable") or is_class_name(node.func)


def _is_read(one: ClassModel, name: str) -> bool:
    """Whether `call` reads it."""
    call = one.defines("call")
    method = call.methods.get("call") if call is not None else None
    return method is not None and any(attribute(node) == name for node in own_nodes(method))


def _is_kept(one: ClassModel, name: str) -> bool:
    """Whether the config, or a method that saves state, may hold it."""
    saving = ("get_config", "save_own_variables", "save_assets", "get_build_config")
    methods = (base.methods[key] for base in one.lineage for key in saving if key in base.methods)
    return any(attribute(node) == name for method in methods for node in own_nodes(method))
