"""A lambda is written as bytecode, and not loaded again.

What it does:
    Looks for lambdas that Keras would write: in Lambda layers, as losses, metrics, initializers, arguments.

Why it matters:
    Keras marshals the bytecode. `load_model` refuses it unless `safe_mode=False`, which runs whatever is in the
    file; and another version of Python cannot read it.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: 2 * x)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    def twice(x):
        return 2 * x

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(twice, output_shape=(3,))])

Fix safety:
    A person writes it: the lambda becomes a named, registered function.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import REGISTERED, Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT218", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.functions:
        if one.form == "lambda":
            yield RULE.finding(
                "a lambda is written as marshalled bytecode",
                where=(one.path,),
                kind="lambda",
                location=one.location,
                stock="saves, and load_model raises unless safe_mode=False",
                kept="keeps it as source text, which is run only where you trust it",
                fix=Fix("make it a named function and register it", REGISTERED),
            )
