"""An array that has changed since the layer was made, and that no file holds.

What it does:
    Looks for numpy arrays in attributes of custom objects that the object built from the config has otherwise.

Why it matters:
    Keras writes variables. A running statistic that is a numpy array comes back as `__init__` makes it.

Example:
    import keras
    import numpy as np

    @keras.saving.register_keras_serializable("example")
    class Centre(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.mean = np.zeros(3, "float32")

        def call(self, x):
            return x - self.mean

    model = keras.Sequential([keras.Input((3,)), Centre()])
    model.layers[0].mean += 1.0

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Centre(keras.layers.Layer):
        def build(self, shape):
            self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False, name="mean")

        def call(self, x):
            return x - self.mean

    model = keras.Sequential([keras.Input((3,)), Centre()])
    model.layers[0].mean.assign_add([1.0, 1.0, 1.0])

Fix safety:
    A person writes it: the array becomes a variable that does not train.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT207", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        for change in one.changes if one.is_rebuilt else ():
            if change.kind == "array":
                yield RULE.finding(
                    f"{one.cls.name}.{change.name} is an array that has changed since __init__",
                    where=(change.path,),
                    kind=one.cls.name,
                    location=one.cls.at("__init__", "build"),
                    stock=f"loads without a word; {change.name} is what __init__ makes of it",
                    kept="keeps it as extra state",
                    fix=Fix(
                        "make it a variable that does not train",
                        f'self.{change.name} = self.add_weight(shape=..., initializer="zeros", trainable=False)',
                    ),
                )
