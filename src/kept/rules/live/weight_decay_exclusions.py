"""Variables that are excluded from weight decay are decayed after loading.

What it does:
    Asks the optimizer which variables it leaves out of its weight decay.

Why it matters:
    `exclude_from_weight_decay` is not in the optimizer's config. After loading, biases and normalisation weights
    shrink in every step.

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
    Nothing in the source is wrong: call `exclude_from_weight_decay` again after loading.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT221", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    excluded = subject.compiled.excluded if subject.compiled else ()
    if excluded:
        count = f"{len(excluded)} variables are" if len(excluded) > 1 else "a variable is"
        yield RULE.finding(
            f"{count} excluded from weight decay",
            where=excluded,
            stock="loads without a word, and decays them in every further step",
            kept="keeps the exclusions",
            fix=Fix("call optimizer.exclude_from_weight_decay again after loading"),
        )
