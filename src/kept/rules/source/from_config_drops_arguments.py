"""`from_config` does not hand on all that the config has.

What it does:
    Looks for a `from_config` that calls the class with some keys of the config only, where the constructor takes more
    of them.

Why it matters:
    What it leaves out comes back as in a new object: a frozen layer is trainable again, a name and a dtype policy are
    gone, an argument has its default. Nothing is said.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

        @classmethod
        def from_config(cls, config):
            return cls(config["factor"])

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, trainable=False)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, trainable=False)])

Fix safety:
    Unsafe: a person must see whether something was left out on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS, listing
from kept.source.arguments import GENERAL, Taking, automatic_keys, takes
from kept.source.classes import ClassModel
from kept.source.intent import has_weights, saved_classes
from kept.source.kinds import Kind
from kept.source.missing import missing_config
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT129", __name__, Severity.WARNING, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        revival, keys = one.own_revival, automatic_keys(one) if one.is_automatic else one.config_keys
        if revival is None or keys is None or revival.whole or revival.opaque or missing_config(one) is not None:
            continue
        left_out = keys - revival.keys - revival.passed
        dropped = sorted((key for key in left_out if _can_differ(one, key)), key=_general_first)
        if dropped == ["trainable"] and not has_weights(one):
            continue
        if dropped:
            yield RULE.finding(
                f"{one.name}.from_config does not hand on {listing(dropped)}",
                kind=one.name,
                location=subject.location(revival.node),
                stock=f"saves; after load_model {listing(dropped)} {'is' if len(dropped) == 1 else 'are'}"
                " not what was saved, without a word",
                kept=KEEPS,
                fix=Fix("hand on the whole config", "return cls(**config)", Applicability.UNSAFE),
            )


def _can_differ(one: ClassModel, key: str) -> bool:
    """Whether an object may have another value than a new one; layers are frozen, and made under a dtype policy."""
    return takes(one, key) is Taking.NAMED or (one.kind is Kind.LAYER and key in GENERAL)


def _general_first(key: str) -> tuple[bool, str]:
    return key not in GENERAL, key
