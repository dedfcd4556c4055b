"""`get_config` leaves out an argument of the constructor.

What it does:
    Compares the keys that `get_config` returns, with those of the base classes, with the arguments of `__init__`.

Why it matters:
    Loading calls the constructor with what the config has. A required argument that is not there is a `TypeError`; one
    with a default comes back with its default, and the model computes something else without a word.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, offset=0.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor
            self.offset = offset

        def call(self, x):
            return self.factor * x + self.offset

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, offset=5.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, offset=0.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor
            self.offset = offset

        def call(self, x):
            return self.factor * x + self.offset

        def get_config(self):
            return {**super().get_config(), "factor": self.factor, "offset": self.offset}

    model = keras.Sequential([keras.Input((3,)), Scale(2.0, offset=5.0)])

Fix safety:
    Safe: an argument that no attribute holds is held in a new one. Unsafe where `__init__` has to make another type of
    what the file holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS, listing
from kept.source.arguments import base_keys, lost_arguments
from kept.source.intent import saved_classes
from kept.source.keys import wrong_keys
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT102", __name__, Severity.WARNING, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        config, keys = one.own_config, one.config_keys
        if config is None or keys is None or config.returns_nothing:
            continue
        elsewhere = {each.argument for each in wrong_keys(one)}
        if not config.from_base:
            elsewhere |= base_keys(one) or frozenset()
        lost = [each for each in lost_arguments(one, keys) if each.name not in elsewhere]
        if not lost:
            continue
        names = listing(each.name for each in lost)
        required = [each.name for each in lost if each.is_required]
        verb = "has its default" if len(lost) == 1 else "have their defaults"
        yield RULE.finding(
            f"{one.name}.get_config does not return {names}",
            kind=one.name,
            location=subject.location(config.node),
            severity=Severity.ERROR if required else Severity.WARNING,
            stock=f"saves, and load_model raises TypeError: {listing(required)} is not given"
            if required
            else f"saves; after load_model {names} {verb} again, without a word",
            kept=KEEPS,
            fix=Fix(
                f"return {names}, too",
                ", ".join(f'"{each.name}": self.{each.name}' for each in lost),
                Applicability.SAFE,
            ),
        )
