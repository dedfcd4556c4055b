"""The object that a config gives has another config.

What it does:
    Builds each custom object from its own config, and compares the config of what was built.

Why it matters:
    `get_config` then tells something else than what `__init__` was given: a transformed argument is transformed
    again by every save and load, a fixed name collides with itself.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Doubled(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = 2 * units

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], self.units))

        def call(self, x):
            return x @ self.kernel

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((3,)), Doubled(4)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Doubled(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], 2 * self.units))

        def call(self, x):
            return x @ self.kernel

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((3,)), Doubled(4)])

Fix safety:
    A person writes it: keep the argument as it was given, and derive from it under another name.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT203", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        told = {each.name for each in (*one.altered, *one.forgotten)} | {"trainable", "dtype"}
        for value in (each for each in one.config_differs if each.name not in told):
            yield RULE.finding(
                f"{one.cls.name}.get_config does not return the {value.name} that __init__ was given",
                where=(one.path,),
                kind=one.cls.name,
                location=one.cls.at("get_config", "__init__"),
                stock=f"{value.name} is {value.value} here and {value.after} after loading",
                kept="refuses to save where it cannot find the argument, and says what differs",
                fix=Fix(f"keep {value.name} as it was given, and return that", f'"{value.name}": self.{value.name}'),
            )
