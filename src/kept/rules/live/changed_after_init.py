"""An attribute that has changed since the object was made.

What it does:
    Compares plain attributes of custom objects, and attributes added to objects of Keras, with those of the model
    built from its config.

Why it matters:
    The config tells what an object was made from. What was set afterwards is gone after loading, without a word.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Temperature(keras.layers.Layer):
        def __init__(self, temperature=1.0, **kwargs):
            super().__init__(**kwargs)
            self.temperature = temperature

        def call(self, x):
            return x / self.temperature

    model = keras.Sequential([keras.Input((3,)), Temperature()])
    model.layers[0].temperature = 5.0

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Temperature(keras.layers.Layer):
        def __init__(self, temperature=1.0, **kwargs):
            super().__init__(**kwargs)
            self.temperature = temperature

        def call(self, x):
            return x / self.temperature

        def get_config(self):
            return {**super().get_config(), "temperature": self.temperature}

    model = keras.Sequential([keras.Input((3,)), Temperature()])
    model.layers[0].temperature = 5.0

Fix safety:
    A person writes it: whether the value belongs into the config is the author's choice.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT208", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        for change in one.changes if one.is_rebuilt else ():
            if change.kind != "attribute" or change.name in {each.name for each in one.rngs}:
                continue
            is_argument = change.name in one.cls.parameters
            yield RULE.finding(
                f"{change.name} of {one.cls.name} has changed since it was made",
                where=(change.path,),
                kind=one.cls.name,
                location=one.cls.at("get_config", "__init__"),
                stock=f"loads without a word: {change.name} is {change.before} here and {change.after} after loading",
                kept="keeps it as extra state",
                fix=Fix(
                    "return it from get_config" if is_argument else f"make {change.name} an argument, or a variable",
                    f'return {{**super().get_config(), "{change.name}": self.{change.name}}}' if is_argument else "",
                ),
            )
