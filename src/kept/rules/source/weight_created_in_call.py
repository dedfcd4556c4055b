"""A layer or variable is made in `call`.

What it does:
    Looks for `add_weight`, `keras.Variable` and layers with weights that `call` makes. A model without `build` of its
    own that has other sublayers may keep what it makes there, and is left out.

Why it matters:
    Keras locks a layer once it is built: what is kept in an attribute then raises, at the first call or when the layer
    is loaded in a graph. A layer that is made and called at once has new random weights in every call, is not trained,
    and is in no file.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Mix(keras.layers.Layer):
        def call(self, x):
            return keras.layers.Dense(3)(x)

    model = keras.Sequential([keras.Input((3,)), Mix()])
    one, two = model(keras.ops.ones((1, 3))), model(keras.ops.ones((1, 3)))
    if keras.ops.any(one != two):
        raise ValueError("the weights are new in every call")

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Mix(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x)

    model = keras.Sequential([keras.Input((3,)), Mix()])
    one, two = model(keras.ops.ones((1, 3))), model(keras.ops.ones((1, 3)))
    if keras.ops.any(one != two):
        raise ValueError("the weights are new in every call")

Fix safety:
    A person writes it: the layer is made in `__init__`, its weights in `build`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.kinds import Kind
from kept.source.module import Module
from kept.source.state import Made, made_in, stateful_classes, sublayers

__all__ = ["RULE", "check"]

RULE = Rule("KPT118", __name__, Severity.ERROR)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in stateful_classes(subject):
        if "call" not in one.methods:
            continue
        for made in made_in(subject, one.methods["call"]):
            stock = _stock(one, made)
            if stock:
                yield RULE.finding(
                    f"{one.name} makes a {made.what} in call: {made.name}",
                    kind=one.name,
                    location=subject.location(made.node),
                    stock=stock,
                    kept="refuses to save a layer whose state it cannot bring back",
                    fix=Fix("make it in __init__, and its weights in build"),
                )


def _stock(one: ClassModel, made: Made) -> str:
    if not made.attribute and not made.name.startswith("add_"):
        return (
            "" if made.what == "variable" else "runs with new random weights in every call; none of them is in a file"
        )
    own_build = one.defines("build") is not None
    has_sublayers = any(sublayers(base) for base in one.lineage)
    if one.kind is Kind.MODEL and has_sublayers and not own_build:
        return ""
    if has_sublayers and not own_build:
        return "saves; loading it in a Sequential or functional model raises ValueError: You cannot add new elements"
    return "the first call raises ValueError: You cannot add new elements of state to a layer that is already built"
