"""An argument is taken out of `**kwargs`, and `get_config` does not return it.

What it does:
    Looks for `kwargs.pop("x")`, `kwargs.get("x")` and `kwargs["x"]` in `__init__` where the config has no `x`.

Why it matters:
    It is an argument that the signature does not show, and that is forgotten easily: it comes back with its default,
    without a word.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            self.offset = kwargs.pop("offset", 0.0)
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x + self.offset

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, offset=5.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, offset=0.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor
            self.offset = offset

        def call(self, x):
            return self.factor * x + self.offset

        def get_config(self):
            return {**super().get_config(), "factor": self.factor, "offset": self.offset}

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, offset=5.0)])

Fix safety:
    Safe: it becomes an argument with the same default.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.arguments import popped_arguments
from kept.source.intent import saved_classes
from kept.source.missing import missing_config
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT117", __name__, Severity.WARNING, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        keys = one.config_keys
        if one.constructor is None or keys is None or missing_config(one) is not None:
            continue
        for each in popped_arguments(one, keys):
            yield RULE.finding(
                f"{one.name}.__init__ takes {each.name} out of **kwargs, and get_config does not return it",
                kind=one.name,
                location=subject.location(each.node),
                severity=Severity.ERROR if each.is_required else Severity.WARNING,
                stock=f"saves, and load_model raises KeyError: {each.name}"
                if each.is_required
                else f"saves; after load_model {each.name} has its default again, without a word",
                kept=KEEPS,
                fix=Fix(
                    "make it an argument, and return it from get_config",
                    f'"{each.name}": self.{each.name}',
                    Applicability.SAFE,
                ),
            )
