"""The name in the file finds another class or function.

What it does:
    Looks up, as loading does, the name under which each custom class and function is written.

Why it matters:
    A function of one's own called `dice`, `gelu` or `huber` is written by that name and comes back as Keras's. Of
    two classes registered under one name, the later one is found.

Example:
    import keras

    def huber(y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=huber)

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    def my_huber(y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=my_huber)

Fix safety:
    A person writes it: files that were saved before refer to the old name.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import REGISTERED, Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT210", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for path, one in subject.named():
        inside = any(other.reference == one.resolves_to for _, other in subject.named())
        if one.resolves_to and not inside:
            yield RULE.finding(
                f"{one.name} is written as '{one.registered_name}', which finds {one.resolves_to}",
                where=(path,),
                kind=one.name,
                location=one.location,
                stock=f"loads {one.resolves_to} in its place, without a word",
                kept=f"keeps it: it comes back as {one.reference}",
                fix=Fix("register it under a name of its own", REGISTERED),
            )
