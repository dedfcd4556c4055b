"""Two objects claim one place in the weights file.

What it does:
    Numbers the layers of each list, tuple and dict as Keras does when it saves, by the names of their classes.

Why it matters:
    Keras makes `dense` and `dense_1` of two `Dense`, and `dense_1` of a class called `Dense_1`; an attribute called
    `vars` meets the group of the layer's own variables. `model.save` then raises `name already exists`.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Dense_1(keras.layers.Dense):
        pass

    model = keras.Sequential([
        keras.Input((3,)), keras.layers.Dense(3), keras.layers.Dense(3), Dense_1(3, name="third"),
    ])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class OtherDense(keras.layers.Dense):
        pass

    model = keras.Sequential([
        keras.Input((3,)), keras.layers.Dense(3), keras.layers.Dense(3), OtherDense(3, name="third"),
    ])

Fix safety:
    A person writes it: the weights get another place, so older files no longer fit.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT215", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.same_inner_paths:
        yield RULE.finding(
            f"{' and '.join(one.objects)} claim the place '{one.inner_path}' in the weights file",
            where=(one.path,),
            kind=one.cls.name,
            location=one.cls.at("__init__"),
            stock="model.save empties the file and raises: name already exists",
            kept="keeps it as extra state",
            fix=Fix("rename the class or the attribute"),
        )
