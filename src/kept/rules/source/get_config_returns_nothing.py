"""`get_config` returns nothing.

What it does:
    Looks for a `get_config` that comes to its end without `return`.

Why it matters:
    Saving raises `TypeError`: Keras expects a dict and gets None. `config.update(...)` is where it is forgotten most
    often, since `return config.update(...)` returns None as well.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            config = super().get_config()
            config.update({"factor": self.factor})

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

        def get_config(self):
            config = super().get_config()
            config.update({"factor": self.factor})
            return config

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Fix safety:
    Safe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.intent import saved_classes
from kept.source.module import Function, Module
from kept.source.walking import nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT128", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        config = one.own_config
        if config is not None and (config.returns_nothing or _returns_update(config.node)):
            yield RULE.finding(
                f"{one.name}.get_config returns nothing",
                kind=one.name,
                location=subject.location(config.node),
                stock="saving raises TypeError: get_config should return a dict, and returned None",
                kept=KEEPS,
                fix=Fix("return the config", "return config", Applicability.SAFE),
            )


def _returns_update(node: Function) -> bool:
    """Whether all it returns is `config.update(...)`, which is None."""
    returned = [each.value for each in nodes(node) if isinstance(each, ast.Return)]
    return bool(returned) and all(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == "update"
        for each in returned
    )
