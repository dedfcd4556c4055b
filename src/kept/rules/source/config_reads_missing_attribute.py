"""`get_config` reads an attribute that nothing sets.

What it does:
    Looks for `self.units` in `get_config` where no method of the class or of its base classes assigns such an
    attribute.

Why it matters:
    Saving raises `AttributeError`, after the model has been trained.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Project(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(units)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((3,)), Project(4)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Project(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.dense = keras.layers.Dense(units)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((3,)), Project(4)])

Fix safety:
    Safe where it has the name of an argument: the attribute was not there before.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.attributes import missing_attributes
from kept.source.intent import saved_classes
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT137", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        for name, node in missing_attributes(one).items():
            is_argument = name in one.constructors[0][1].named
            fix = Fix("hold the argument in __init__", f"self.{name} = {name}", Applicability.SAFE)
            yield RULE.finding(
                f"{one.name}.get_config reads self.{name}, and nothing sets it",
                kind=one.name,
                location=subject.location(node),
                stock=f"saving raises AttributeError: no attribute {name}",
                kept=KEEPS,
                fix=fix if is_argument else Fix("leave it out, or set it in __init__"),
            )
