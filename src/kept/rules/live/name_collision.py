"""Two classes or functions of one model are written under one name.

What it does:
    Compares the names under which the custom classes and functions of the model are written.

Why it matters:
    A name finds one class, whatever is registered or handed over in `custom_objects`. The other objects come back
    as that class.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def call(self, x):
            return 2 * x

        def get_config(self):
            return super().get_config()

    Double = Block

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def call(self, x):
            return 3 * x

        def get_config(self):
            return super().get_config()

    model = keras.Sequential([keras.Input((3,)), Double(), Block()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    model = keras.Sequential([keras.Input((3,)), Block(2), Block(3)])

Fix safety:
    A person writes it: files that were saved before refer to the old names.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import REGISTERED, ClassView, Examination, FunctionView
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT212", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    groups: dict[str, list[tuple[str, ClassView | FunctionView]]] = {}
    for path, one in subject.named():
        if one.registered_name:
            groups.setdefault(one.registered_name, []).append((path, one))
    for name, members in groups.items():
        different = sorted({(one.reference, one.number) for _, one in members})
        if len(different) > 1:
            references = list(dict.fromkeys(reference for reference, _ in different))
            first = members[0][1]
            yield RULE.finding(
                f"{len(different)} different ones are written as '{name}': {', '.join(references)}",
                where=tuple(path for path, _ in members),
                kind=first.name,
                location=first.location,
                stock="loads one of them for all, without a word where the weights fit",
                kept="keeps each as itself",
                fix=Fix("register each under a name of its own", REGISTERED),
            )
