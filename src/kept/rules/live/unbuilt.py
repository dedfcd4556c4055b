"""Sublayers that are not built again: their weights stay random.

What it does:
    Builds the model from its config, and looks for variables that the live model has and that one has not.

Why it matters:
    A `build` that forgets its sublayers, or a sublayer that only a training step calls, leaves them without
    variables on loading. Their weights in the file are ignored; the first call makes new random ones.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, shape):
            self.gain = self.add_weight(shape=(), initializer="ones", name="gain")

        def call(self, x):
            return self.gain * self.dense(x)

    model = Block()
    model(keras.ops.ones((2, 3)))

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, shape):
            self.gain = self.add_weight(shape=(), initializer="ones", name="gain")
            self.dense.build(shape)

        def call(self, x):
            return self.gain * self.dense(x)

    model = Block()
    model(keras.ops.ones((2, 3)))

Fix safety:
    A person writes it; building a sublayer earlier changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT213", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        missing = [change.path for change in one.changes if change.kind == "missing"]
        lost = [change.path for change in one.changes if change.kind == "unbuilt"]
        if not one.is_rebuilt or one.is_requantized or missing or not lost:
            continue
        holders = dict.fromkeys(path.rpartition(".")[0].removeprefix(one.path).lstrip(".") for path in lost)
        attributes = [name for name in holders if name] or ["its sublayers"]
        count = f"{len(lost)} variables" if len(lost) > 1 else "a variable"
        yield RULE.finding(
            f"{one.cls.name} does not build {', '.join(attributes)} when it is built",
            where=(one.path,),
            kind=one.cls.name,
            location=one.cls.at("build", "call", "__init__"),
            stock=f"loads {count} less, without a word; what is called later begins with random weights",
            kept="keeps it: builds what was built, and refuses where a variable does not come back",
            fix=Fix("build every sublayer in build", f"self.{attributes[0]}.build(shape)"),
        )
