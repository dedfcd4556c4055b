"""Layers in a set have no order.

What it does:
    Looks for sets that hold several layers or variables.

Why it matters:
    Python orders a set by memory addresses, so another process has another order. Keras trains such layers and
    writes none of their weights.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Heads(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.heads = {keras.layers.Dense(2), keras.layers.Dense(2)}

        def build(self, shape):
            for head in self.heads:
                head.build(shape)

        def call(self, x):
            return sum(head(x) for head in self.heads)

    model = keras.Sequential([keras.Input((3,)), Heads()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Heads(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.heads = [keras.layers.Dense(2), keras.layers.Dense(2)]

        def build(self, shape):
            for head in self.heads:
                head.build(shape)

        def call(self, x):
            return sum(head(x) for head in self.heads)

    model = keras.Sequential([keras.Input((3,)), Heads()])

Fix safety:
    A person writes it; a list keeps the order in which the layers were made.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT216", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for path, count in subject.unordered.items():
        owner = max((one for one in subject.classes if path.startswith(f"{one}.")), key=len, default="")
        cls = subject.classes.get(owner, subject.model)
        name = path.removeprefix(f"{owner}.")
        yield RULE.finding(
            f"{cls.name}.{name} is a set of {count} layers or variables",
            where=(path,),
            kind=cls.name,
            location=cls.at("__init__"),
            stock="saves without their weights; they come back random",
            kept="refuses to save: there is no order that could be kept",
            fix=Fix("keep them in a list or a dict", f"self.{name} = [...]"),
        )
