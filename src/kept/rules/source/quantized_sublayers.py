"""A model is quantized, and the code of a custom layer in it makes sublayers that are not.

What it does:
    Looks for `quantize` on a model in files that make a custom layer with `Dense`, `EinsumDense` or `Embedding` layers
    in it. A model that has just been loaded is left out: it is quantized to be served.

Why it matters:
    `quantize` changes every such sublayer in place. The config of a custom layer knows nothing of it: loading runs its
    constructor, which makes layers that are not quantized, and the weights in the file do not fit.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(4)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x)

    model = keras.Sequential([keras.Input((8,)), Block(), keras.layers.Dense(2)])
    model.quantize("int8")

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(4)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x)

    model = keras.Sequential([keras.Input((8,)), Block(), keras.layers.Dense(2)])
    model.save("model.keras")

    served = keras.saving.load_model("model.keras")
    served.quantize("int8")

Fix safety:
    A person writes it: the model is saved before it is quantized, or the layers become a functional model.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.instances import assigned, is_model
from kept.source.kinds import Kind
from kept.source.module import Module
from kept.source.registry import is_test
from kept.source.state import is_class_name, made_in

__all__ = ["RULE", "check"]

RULE = Rule("KPT141", __name__, Severity.ERROR)
_QUANTIZED = frozenset({"Dense", "EinsumDense", "Embedding"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if ".quantize(" not in subject.text or is_test(subject):
        return
    made = (subject.class_of(call.func) for call in subject.calls if is_class_name(call.func))
    holding = next((one for one in made if isinstance(one, ClassModel) and _holds_quantized(one)), None)
    for call in subject.calls if holding is not None else ():
        func = call.func
        if not (isinstance(func, ast.Attribute) and func.attr == "quantize" and is_model(subject, func.value)):
            continue
        if not _is_loaded(subject, func.value):
            assert holding is not None
            yield RULE.finding(
                f"a model is quantized, and {holding.name} makes its sublayers without that",
                kind=holding.name,
                location=subject.location(call),
                stock=f"saves; load_model raises: objects could not be loaded, the sublayers of {holding.name}",
                kept="refuses to save what it cannot bring back",
                fix=Fix("save the model before it is quantized, or make the custom layer a functional model"),
            )


def _is_loaded(module: Module, node: ast.expr) -> bool:
    value = assigned(module, node) if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Call) and (module.dotted(value.func) or "").endswith(".load_model")


def _holds_quantized(one: ClassModel) -> bool:
    """Whether a layer makes layers that `quantize` changes, and leaves the dtype of each to them."""
    if one.kind is not Kind.LAYER or not one.is_known or one.defines("quantize") is not None:
        return False
    methods = (base.methods[name] for base in one.lineage for name in ("__init__", "build") if name in base.methods)
    return any(
        found.name in _QUANTIZED and found.attribute for method in methods for found in made_in(one.module, method)
    )
