"""`get_config` returns what `__init__` has made of an argument, and `__init__` makes it again.

What it does:
    Looks for arguments that `__init__` calculates with before it stores them, where `get_config` returns the result
    under the name of the argument.

Why it matters:
    Loading calculates once more: with `self.units = 2 * units` a layer of 8 units comes back with 16, the next time
    with 32. The weights do not fit, or, where no shape depends on it, nothing is said.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Percent(keras.layers.Layer):
        def __init__(self, percent, **kwargs):
            super().__init__(**kwargs)
            self.percent = percent / 100

        def call(self, x):
            return self.percent * x

        def get_config(self):
            return {**super().get_config(), "percent": self.percent}

    model = keras.Sequential([keras.Input((3,)), Percent(50)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Percent(keras.layers.Layer):
        def __init__(self, percent, **kwargs):
            super().__init__(**kwargs)
            self.percent = percent

        def call(self, x):
            return self.percent / 100 * x

        def get_config(self):
            return {**super().get_config(), "percent": self.percent}

    model = keras.Sequential([keras.Input((3,)), Percent(50)])

Fix safety:
    Safe: the argument is held as it was given in an attribute of its own, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.arguments import changes_config
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.transforms import transform_of

__all__ = ["RULE", "check"]

RULE = Rule("KPT107", __name__, Severity.WARNING, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        if one.own_config is None or not one.constructors or changes_config(one):
            continue
        constructor = one.constructors[0][1]
        for key, entry in one.own_config.entries.items():
            made = transform_of(constructor, key, entry.value) if key in constructor.named else None
            if made is not None:
                yield RULE.finding(
                    f"{one.name}.get_config returns {key} as {ast.unparse(entry.value)},"
                    f" and __init__ makes {made} of it again",
                    kind=one.name,
                    location=subject.location(entry.node),
                    stock=f"saves; after load_model {key} has been changed once more, without a word",
                    kept=KEEPS,
                    fix=Fix("hold the argument as it was given", f"self.{key} = {key}", Applicability.SAFE),
                )
