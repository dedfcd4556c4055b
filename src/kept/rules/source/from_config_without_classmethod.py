"""`from_config` is not a class method.

What it does:
    Looks for `def from_config(cls, config)` without `@classmethod`.

Why it matters:
    Keras calls `Class.from_config(config)`: the config becomes `cls`, and loading raises `TypeError`, after the model
    has been trained and saved without complaint.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def from_config(cls, config):
            return cls(**config)

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Fix safety:
    Safe: without the decorator it could not be called by Keras at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.intent import saved_classes
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT138", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        node = one.methods.get("from_config")
        if node is None or node.decorator_list or len(node.args.args) != 2 or node.args.defaults:
            continue
        yield RULE.finding(
            f"{one.name}.from_config is not a class method",
            kind=one.name,
            location=subject.location(node),
            stock="saves, and load_model raises TypeError: missing 1 required positional argument",
            kept=KEEPS,
            fix=Fix("decorate it", "@classmethod", Applicability.SAFE),
        )
