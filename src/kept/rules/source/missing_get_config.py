"""A class needs a `get_config`, and has none.

What it does:
    Looks for classes without a `get_config` of their own for which Keras cannot write one: it does so only for layers
    whose arguments are texts, numbers, lists and dicts. It never sees the arguments of a `Model`; what a loss, a
    metric, an optimizer or a layer of its own returns does not know the arguments that a subclass adds; and a
    regularizer or a learning rate schedule has none at all.

Why it matters:
    Saving raises `NotImplementedError`. Or it does not, and loading calls the constructor without the argument: a
    `TypeError` where it is required, another model without a word where it has a default.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Dense):
        def __init__(self, units, scale=1.0, **kwargs):
            super().__init__(units, **kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * super().call(x)

    model = keras.Sequential([keras.Input((3,)), Scaled(4, scale=3.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Dense):
        def __init__(self, units, scale=1.0, **kwargs):
            super().__init__(units, **kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * super().call(x)

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}

    model = keras.Sequential([keras.Input((3,)), Scaled(4, scale=3.0)])

Fix safety:
    Safe: an argument that no attribute holds is held in a new one. Unsafe where `__init__` has to make another type of
    what the file holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS, get_config, listing
from kept.source.classes import ClassModel
from kept.source.intent import saved_classes
from kept.source.missing import Missing, Why, missing_config
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT101", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        missing = missing_config(one)
        if missing is not None:
            names = [each.name for each in missing.lost]
            stock, severity = _stock(missing)
            yield RULE.finding(
                _message(one, missing),
                kind=one.name,
                location=subject.location(one.node),
                severity=severity,
                stock=stock,
                kept=KEEPS,
                fix=Fix("write a get_config that returns every argument", get_config(names), Applicability.SAFE),
            )


def _message(one: ClassModel, missing: Missing) -> str:
    names = listing(each.name for each in missing.lost) if missing.lost else ""
    if missing.evidence is not None:
        return f"{one.name} has no get_config, and {names} {missing.evidence.why}"
    if missing.why is Why.INHERITED:
        return f"{one.name} has no get_config of its own, and the one it inherits does not return {names}"
    if missing.why is Why.REPEATED and not names:
        return f"{one.name} has no get_config, and its constructor adds layers that the config adds again"
    return f"{one.name} has no get_config to return {names}" if names else f"{one.name} has no get_config"


def _stock(missing: Missing) -> tuple[str, Severity]:
    required = [each.name for each in missing.lost if each.is_required]
    if missing.why is Why.REFUSES:
        return "saving raises NotImplementedError", Severity.ERROR
    if missing.why is Why.NOT_PLAIN:
        return "saving raises NotImplementedError: by itself Keras writes only plain arguments", Severity.ERROR
    if missing.why is Why.UNSEEN and required and not missing.is_graph:
        return "saving raises NotImplementedError: Keras does not see the arguments of a model", Severity.ERROR
    if required:
        return f"saves, and load_model raises TypeError: {listing(required)} is not given", Severity.ERROR
    if missing.refused:
        return f"saves, and load_model raises TypeError: {missing.refused}", Severity.ERROR
    if missing.why is Why.REPEATED:
        return "saves, and load_model raises an error, or brings back each layer twice", Severity.ERROR
    names = listing(each.name for each in missing.lost)
    verb = "has its default" if len(missing.lost) == 1 else "have their defaults"
    return f"saves; after load_model {names} {verb} again, without a word", Severity.WARNING
