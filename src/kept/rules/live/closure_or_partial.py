"""A closure, partial, bound method or wrapped function is written as a bare name.

What it does:
    Looks for functions that no import path finds again: local functions, `functools.partial`, bound methods,
    `tf.function`, callable objects without `get_config`.

Why it matters:
    Keras writes the name and nothing of the values that belong to it. Loading raises, or, given the function in
    `custom_objects`, uses other values; two closures of one factory share one name.

Example:
    import keras

    def make_loss(alpha):
        def loss(y_true, y_pred):
            return alpha * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

        return loss

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=make_loss(3.0))

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class ScaledError(keras.losses.Loss):
        def __init__(self, alpha, name="scaled_error", **kwargs):
            super().__init__(name=name, **kwargs)
            self.alpha = alpha

        def call(self, y_true, y_pred):
            return self.alpha * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

        def get_config(self):
            return {**super().get_config(), "alpha": self.alpha}

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=ScaledError(3.0))

Fix safety:
    A person writes it: the values become arguments of a registered class.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import REGISTERED, Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT219", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.functions:
        if one.form in ("function", "lambda") or one.is_registered:
            continue
        closes = f" over {', '.join(one.free)}" if one.free else ""
        yield RULE.finding(
            f"{one.name} is a {'closure' if one.free else one.form}{closes}, written as a bare name",
            where=(one.path,),
            kind=one.name,
            location=one.location,
            stock="saves, and load_model does not find it; its values are in no file",
            kept="keeps it: source and values go into the file, and are run only where you trust them",
            fix=Fix("make it a registered class whose get_config returns the values", REGISTERED),
        )
