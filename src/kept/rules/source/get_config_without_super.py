"""`get_config` does not start from that of the base class.

What it does:
    Looks for a `get_config` that leaves out what `super().get_config()` returns: `name`, `trainable` and `dtype` of a
    layer, and the arguments that a base class with a `get_config` of its own keeps.

Why it matters:
    A frozen layer comes back trainable, one with a dtype policy in the policy of the process that loads it, and a
    name that was given is gone. An argument of the base class comes back with its default.

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
            return {"factor": self.factor}

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

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, trainable=False)])

Fix safety:
    Safe where the constructor takes every key that is added.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS, listing
from kept.source.arguments import GENERAL, GRAPHS, Taking, base_keys, takes
from kept.source.classes import ClassModel
from kept.source.intent import has_weights, saved_classes
from kept.source.kinds import Kind
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT104", __name__, Severity.WARNING, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        config = one.own_config
        if config is None or config.from_base or config.opaque:
            continue
        lost = _lost(one)
        if not lost:
            continue
        taken = all(takes(one, key) is Taking.NAMED for key in lost)
        yield RULE.finding(
            f"{one.name}.get_config does not start from super().get_config(): {listing(lost)} left out",
            kind=one.name,
            location=subject.location(config.node),
            stock=f"saves; after load_model {listing(lost)} {'is' if len(lost) == 1 else 'are'} not what was saved,"
            " without a word",
            kept=KEEPS,
            fix=Fix(
                "start from the config of the base class",
                "return {**super().get_config(), ...}",
                Applicability.SAFE if taken else Applicability.UNSAFE,
            ),
        )


def _lost(one: ClassModel) -> list[str]:
    """Keys of the base class that are not returned, and that can be other than a new object has them."""
    keys = base_keys(one)
    assert one.own_config is not None
    if keys is None or one.keras is None or one.keras.path in GRAPHS:
        return []
    handled = one.revival[1].keys | one.revival[1].passed if one.revival else frozenset()
    missing = keys - set(one.own_config.entries) - handled
    general = [key for key in GENERAL if key in missing and one.kind is Kind.LAYER]
    if general == ["trainable"] and not has_weights(one):
        missing, general = missing - {"trainable"}, []
    return general + [key for key in sorted(missing) if key not in general and takes(one, key) is Taking.NAMED]
