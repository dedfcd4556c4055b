"""`get_config` changes the object that it describes.

What it does:
    Calls `get_config` twice, and compares what it returns and the attributes before and after.

Why it matters:
    Keras calls it for every save, checkpoint and summary. What it takes away is missing from the second file.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gain(keras.layers.Layer):
        def __init__(self, options=None, **kwargs):
            super().__init__(**kwargs)
            self.options = {"gain": 1.0, **(options or {})}
            self.gain = self.options["gain"]

        def call(self, x):
            return x * self.gain

        def get_config(self):
            gain = self.options.pop("gain", 1.0)
            return {**super().get_config(), "options": {"gain": gain}}

    model = keras.Sequential([keras.Input((3,)), Gain({"gain": 5.0})])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gain(keras.layers.Layer):
        def __init__(self, options=None, **kwargs):
            super().__init__(**kwargs)
            self.options = {"gain": 1.0, **(options or {})}
            self.gain = self.options["gain"]

        def call(self, x):
            return x * self.gain

        def get_config(self):
            return {**super().get_config(), "options": dict(self.options)}

    model = keras.Sequential([keras.Input((3,)), Gain({"gain": 5.0})])

Fix safety:
    A person writes it: return a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT217", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        if one.config_changes:
            names = ", ".join(one.config_changes)
            yield RULE.finding(
                f"{one.cls.name}.get_config changes {names}",
                where=(one.path,),
                kind=one.cls.name,
                location=one.cls.at("get_config"),
                stock="the second save writes another config than the first",
                kept="keeps the arguments of the constructor call, and leaves the object as it was",
                fix=Fix("return copies, and leave the attributes alone"),
            )
