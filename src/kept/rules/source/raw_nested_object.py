"""The config has a layer or another object, and nothing makes it again.

What it does:
    Looks for layers, functions and objects with a config of their own in what `get_config` returns, in classes where
    neither `from_config` nor `__init__` deserialises them.

Why it matters:
    Keras writes such an object as a dict, and calls the constructor with that dict: the model fails with an error that
    speaks of something else, when it is loaded or when it is first called.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Residual(keras.layers.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, x):
            return x + self.inner(x)

        def get_config(self):
            return {**super().get_config(), "inner": self.inner}

    model = keras.Sequential([keras.Input((3,)), Residual(keras.layers.Dense(3))])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Residual(keras.layers.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, x):
            return x + self.inner(x)

        def get_config(self):
            return {**super().get_config(), "inner": self.inner}

        @classmethod
        def from_config(cls, config):
            config["inner"] = keras.saving.deserialize_keras_object(config["inner"])
            return cls(**config)

    model = keras.Sequential([keras.Input((3,)), Residual(keras.layers.Dense(3))])

Fix safety:
    Safe: without it the class cannot be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.values import config_values

__all__ = ["RULE", "check"]

RULE = Rule("KPT111", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        for value in config_values(one):
            if value.sort.is_object:
                made = f'config["{value.key}"] = keras.saving.deserialize_keras_object(config["{value.key}"])'
                yield RULE.finding(
                    f"the config of {one.name} has {value.sort.value}, and nothing makes it again:"
                    f" {value.key} {value.why}",
                    kind=one.name,
                    location=subject.location(value.node),
                    stock=f"saves, and load_model calls __init__ with a dict for {value.key}",
                    kept=KEEPS,
                    fix=Fix("deserialise it in from_config", made, Applicability.SAFE),
                )
