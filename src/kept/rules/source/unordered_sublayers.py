"""Layers are kept in a set.

What it does:
    Looks for attributes of layers and models that are a `set` or `frozenset` of layers with weights.

Why it matters:
    Keras walks lists, tuples and dicts when it saves. Layers in a set train, and are in no file; those in a `frozenset`
    do not even train. After loading all of them have fresh random weights.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Ensemble(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.heads = {keras.layers.Dense(2), keras.layers.Dense(2)}

        def build(self, input_shape):
            for head in self.heads:
                head.build(input_shape)

        def call(self, x):
            return sum(head(x) for head in self.heads)

    model = keras.Sequential([keras.Input((3,)), Ensemble()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Ensemble(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.heads = [keras.layers.Dense(2), keras.layers.Dense(2)]

        def build(self, input_shape):
            for head in self.heads:
                head.build(input_shape)

        def call(self, x):
            return sum(head(x) for head in self.heads)

    model = keras.Sequential([keras.Input((3,)), Ensemble()])

Fix safety:
    Unsafe: the order of the layers is fixed from then on; files that were saved before hold none of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.state import attribute, made_in, stateful_classes
from kept.source.walking import nodes, own_nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT120", __name__, Severity.WARNING, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in stateful_classes(subject):
        for method in one.methods.values():
            if method.name in ("call", "get_config"):
                continue
            layers = {made.node for made in made_in(subject, method) if made.what == "layer"}
            for name, value in _kept_sets(method):
                if layers & set(nodes(value)):
                    yield RULE.finding(
                        f"{one.name}.{name} keeps layers in a set",
                        kind=one.name,
                        location=subject.location(value),
                        stock="saves without their weights; loading leaves fresh random ones, without a word",
                        kept="refuses: a set has no order in which weights could be written",
                        fix=Fix("keep them in a list", "", Applicability.UNSAFE),
                    )


def _kept_sets(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, ast.expr]]:
    for node in own_nodes(method):
        if isinstance(node, ast.Assign) and _is_set(node.value):
            yield from ((attribute(target), node.value) for target in node.targets if attribute(target))


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
