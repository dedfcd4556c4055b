"""Something is set on a layer, model or optimizer after it was made, and is not saved as it works.

What it does:
    Looks for regularizers and constraints set on the layers of a model, arguments of a custom layer changed from
    outside where Keras writes its config by itself, sublayers of a custom layer frozen from outside,
    `exclude_from_weight_decay`, and layers frozen after training without compiling again.

Why it matters:
    A regularizer set after building works only after loading. The config that Keras writes by itself holds what the
    object was made with. Flags of inner sublayers and exclusions from weight decay are in no config. An optimizer that
    was built for other variables is not read at all, and starts anew.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.AdamW(1e-3)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, loss="mse")
    model.optimizer.build(model.trainable_variables)

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.AdamW(1e-3), loss="mse")
    model.optimizer.build(model.trainable_variables)

Fix safety:
    Safe where the attribute holds an argument: a `get_config` returns it. The rest is for a person: give it to the
    constructor, compile again after freezing, or set it again after loading.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.registry import is_test
from kept.source.settings import settings

__all__ = ["RULE", "check"]

RULE = Rule("KPT132", __name__, Severity.WARNING, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    for found in settings(subject):
        yield RULE.finding(
            found.message,
            kind=found.kind,
            location=subject.location(found.node),
            stock=found.stock,
            kept="keeps it as it is when the model is saved",
            fix=Fix(found.instead, "", RULE.edit if found.is_argument else Applicability.DISPLAY_ONLY),
        )
