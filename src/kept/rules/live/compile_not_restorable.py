"""What the model was compiled with is not in the file.

What it does:
    Looks for a `compile` of one's own without `get_compile_config` and `compile_from_config`, and for arguments of
    `compile` that cannot be written.

Why it matters:
    Keras notes only the arguments of its own `compile`. A model with two optimizers comes back without either and
    must be compiled by hand, with their state lost; an object without `get_config` makes `model.save` raise.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gan(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(1)

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(x)

        def compile(self, first_optimizer, second_optimizer):
            super().compile()
            self.first_optimizer = first_optimizer
            self.second_optimizer = second_optimizer

    model = Gan()
    model.build((None, 3))
    model.compile(keras.optimizers.Adam(), keras.optimizers.SGD())

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gan(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(1)

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(x)

        def compile(self, first_optimizer, second_optimizer):
            super().compile()
            self.first_optimizer = first_optimizer
            self.second_optimizer = second_optimizer

        def get_compile_config(self):
            optimizers = [self.first_optimizer, self.second_optimizer]
            return {"optimizers": [keras.saving.serialize_keras_object(one) for one in optimizers]}

        def compile_from_config(self, config):
            self.compile(*[keras.saving.deserialize_keras_object(one) for one in config["optimizers"]])
            self.first_optimizer.build(self.trainable_variables)
            self.second_optimizer.build(self.trainable_variables)

    model = Gan()
    model.build((None, 3))
    model.compile(keras.optimizers.Adam(), keras.optimizers.SGD())

Fix safety:
    A person writes it: only the author knows how the optimizers are built.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT220", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    compiled = subject.compiled
    if compiled and compiled.overridden is not None:
        names = ", ".join(compiled.arguments) or "its arguments"
        yield RULE.finding(
            f"{subject.model.name}.compile is its own, and nothing writes {names}",
            where=("model",),
            kind=subject.model.name,
            location=compiled.overridden,
            severity=Severity.WARNING,
            stock="loads with a warning and without compiling; the optimizers and their state are gone",
            kept="keeps what it can set again, else refuses to save and says what does not come back",
            fix=Fix("write get_compile_config and compile_from_config"),
        )
    for argument in compiled.unwritable if compiled else ():
        yield RULE.finding(
            f"compile got {argument.after} as {argument.name}, which Keras cannot write",
            where=("model",),
            kind=argument.after.partition(" ")[2],
            stock="model.save empties the file and raises",
            kept="keeps it where it finds how to make it again, else refuses and names it",
            fix=Fix("give it a get_config, or make it a registered function"),
        )
