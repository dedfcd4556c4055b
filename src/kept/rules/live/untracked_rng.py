"""A random generator that Keras does not know of.

What it does:
    Looks for generators of numpy, Python and Torch in attributes of custom objects.

Why it matters:
    Its state is in no file. After loading it begins anew, or from the same seed again, so a resumed training sees
    other numbers, or the same ones twice.

Example:
    import keras
    import numpy as np

    @keras.saving.register_keras_serializable("example")
    class Jitter(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.random = np.random.default_rng(7)

        def call(self, x):
            return x + self.random.normal()

    model = keras.Sequential([keras.Input((3,)), Jitter()])
    model.layers[0].random.normal()

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Jitter(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.seed_generator = keras.random.SeedGenerator(7)

        def call(self, x):
            return x + keras.random.normal((), seed=self.seed_generator)

    model = keras.Sequential([keras.Input((3,)), Jitter()])

Fix safety:
    A person writes it: the numbers drawn are others afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT209", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        for generator in one.rngs:
            yield RULE.finding(
                f"{one.cls.name}.{generator.name} is a {generator.value} that Keras does not know of",
                where=(one.path,),
                kind=one.cls.name,
                location=one.cls.at("__init__", "build"),
                stock="its state is not written; after loading it begins anew",
                kept="keeps the state of a numpy Generator as extra state",
                fix=Fix(
                    "draw from a keras.random.SeedGenerator", "self.seed_generator = keras.random.SeedGenerator(seed)"
                ),
            )
