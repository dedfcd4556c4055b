"""A layer in the graph is called with a value that Keras cannot write.

What it does:
    Looks at the arguments of every call in a Functional model.

Why it matters:
    They are part of the graph and go into the config. An enum or an object of one's own makes `model.save` raise.

Example:
    import enum
    import keras

    class Mode(enum.Enum):
        ADD = 1

    @keras.saving.register_keras_serializable("example")
    class Mixed(keras.layers.Layer):
        def call(self, x, mode=None):
            return x + 1.0 if mode is Mode.ADD else x

        def get_config(self):
            return super().get_config()

    inputs = keras.Input((3,))
    model = keras.Model(inputs, Mixed()(inputs, mode=Mode.ADD))

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Mixed(keras.layers.Layer):
        def call(self, x, mode=None):
            return x + 1.0 if mode == "add" else x

        def get_config(self):
            return super().get_config()

    inputs = keras.Input((3,))
    model = keras.Model(inputs, Mixed()(inputs, mode="add"))

Fix safety:
    A person writes it: pass a plain value, or make it an argument of `__init__`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT222", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.call_arguments:
        yield RULE.finding(
            f"{one.cls.name} is called with {one.name}={one.value}, which Keras cannot write",
            where=(one.path,),
            kind=one.cls.name,
            location=one.cls.at("call"),
            stock="model.save empties the file and raises",
            kept="keeps it by its codec; refuses what no codec knows, and names it",
            fix=Fix(f"pass {one.name} as a plain value"),
        )
