"""A flag of a layer is not restored.

What it does:
    Compares `trainable`, the dtype policy and the quantisation of every layer with those of the model built from
    its config.

Why it matters:
    A sublayer frozen inside a custom layer trains again after loading, and the optimizer no longer fits. A
    Sequential under mixed precision comes back in float32. Where only the flag of a container is lost and every
    weight has its own, it is a note.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(x)

    model = keras.Sequential([keras.Input((3,)), Block()])
    model.layers[0].dense.trainable = False

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, frozen=False, **kwargs):
            super().__init__(**kwargs)
            self.frozen = frozen
            self.dense = keras.layers.Dense(3, trainable=not frozen)

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return {**super().get_config(), "frozen": self.frozen}

    model = keras.Sequential([keras.Input((3,)), Block(frozen=True)])

Fix safety:
    A person writes it: make the flag an argument, or set it again after loading.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Change, Examination, ObjectView
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT223", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        for change in one.changes if one.is_described and not one.rebuild_raises else ():
            if change.kind != "flag" or one.is_made_of_defaults:
                continue
            if one.is_requantized and change.name != "quantized":
                continue
            is_note = change.name == "trainable" and not change.variable_count and one.cls.own
            yield RULE.finding(
                f"{change.name} of {_inner(one, change)} is not restored",
                where=(change.path,),
                kind=one.cls.name,
                location=one.cls.at("__init__"),
                severity=Severity.NOTE if is_note else RULE.severity,
                stock=f"loads without a word: {change.name} is {change.before} here and {change.after} after loading",
                kept="keeps it as extra state",
                fix=Fix(f"set {change.name} from an argument of __init__, or again after loading"),
            )


def _inner(one: ObjectView, change: Change) -> str:
    inner = change.path.removeprefix(one.path).lstrip(".")
    return f"{one.cls.name}.{inner}" if inner else one.cls.name
