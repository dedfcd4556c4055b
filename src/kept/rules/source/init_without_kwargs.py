"""A constructor does not take what the config of its base class has.

What it does:
    Looks for constructors without `**kwargs`, or that do not hand them to `super().__init__`, in classes whose config
    starts from that of the base class: `name`, `trainable` and `dtype` of a layer or model, `name` and `reduction` of
    a loss, and so on. Keras adds them by itself where a layer has no `get_config`, `name` only where `**kwargs` is
    called that.

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
from kept.source.arguments import GENERAL, Taking, given_to_base
from kept.source.classes import ClassModel
from kept.source.intent import saved_classes
from kept.source.keys import inherited_keys
from kept.source.kinds import Kind
from kept.source.missing import missing_config
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT105", __name__, Severity.ERROR, edit=Applicability.SAFE)
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
        refused = [key for key in keys if keys[key] is Taking.REFUSED]
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
        elif _loses_name(one):
            yield RULE.finding(
                f"{one.name}.__init__ calls its keyword arguments {one.constructor.varkw}, and Keras leaves out name",
                kind=one.name,
                location=place,
                severity=Severity.NOTE,
                stock="saves; after load_model the name that was given is gone, without a word",
                kept=KEEPS,
                fix=Fix("call them kwargs", "**kwargs", Applicability.SAFE),
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


def _loses_name(one: ClassModel) -> bool:
    """Whether Keras writes the config by itself, and does not see that a name could be given."""
    constructor = one.constructor
    if constructor is None or not one.is_automatic or one.kind is not Kind.LAYER or not constructor.forwards:
        return False
    return constructor.varkw != "kwargs" and "name" not in {**constructor.named, **given_to_base(one)}


def _is_layer(one: ClassModel) -> bool:
    return one.kind in (Kind.LAYER, Kind.MODEL)
