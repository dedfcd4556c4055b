"""A constructor does not take what the config of its base class has.

What it does:
    Looks for constructors without `**kwargs`, or that do not hand them to `super().__init__`, in classes whose config
    starts from that of the base class: `name`, `trainable` and `dtype` of a layer or model, `name` and `reduction` of
    a loss, and so on. Keras adds them by itself where a layer has no `get_config`.

Why it matters:
    Loading calls the constructor with them: a `TypeError`, after the model has been trained and saved without
    complaint. Where `**kwargs` takes them and nobody reads it, a frozen layer comes back trainable.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, x):
            return self.factor * x

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Fix safety:
    Safe: calls that were possible before mean the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS, listing
from kept.source.arguments import GENERAL, Taking
from kept.source.classes import ClassModel
from kept.source.intent import saved_classes
from kept.source.keys import inherited_keys
from kept.source.kinds import Kind
from kept.source.missing import missing_config
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT105", __name__, Severity.ERROR)
_FIX = Fix(
    "take **kwargs and hand them to super().__init__",
    "def __init__(self, ..., **kwargs):\n    super().__init__(**kwargs)",
    Applicability.SAFE,
)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        if one.constructor is None or missing_config(one) is not None:
            continue
        place = subject.location(one.constructor.node)
        keys = inherited_keys(one)
        refused = [key for key in _ordered(keys) if keys[key] is Taking.REFUSED]
        swallowed = [key for key in GENERAL if keys.get(key) is Taking.SWALLOWED]
        if refused and not one.constructor.varkw:
            yield RULE.finding(
                f"{one.name}.__init__ does not take {listing(refused)}, which its config has",
                kind=one.name,
                location=place,
                stock=f"saves, and load_model raises TypeError: unexpected keyword argument {refused[0]}",
                kept=KEEPS,
                fix=_FIX,
            )
        elif swallowed and _is_layer(one):
            yield RULE.finding(
                f"{one.name}.__init__ takes {listing(swallowed)} in **kwargs, and drops them",
                kind=one.name,
                location=place,
                severity=Severity.WARNING,
                stock=f"saves; after load_model {listing(swallowed)} are those of a new layer, without a word",
                kept=KEEPS,
                fix=_FIX,
            )


def _ordered(keys: dict[str, Taking]) -> list[str]:
    return [key for key in GENERAL if key in keys] + [key for key in keys if key not in GENERAL]


def _is_layer(one: ClassModel) -> bool:
    return one.kind in (Kind.LAYER, Kind.MODEL)
