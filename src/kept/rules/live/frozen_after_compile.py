"""The optimizer was built for other variables than those that train.

What it does:
    Compares the variables that the optimizer holds state for with those that are trainable now.

Why it matters:
    Keras builds the optimizer anew for the variables that train when it loads. Its state then does not fit and is
    skipped: step count, momentum and learning rate start from the beginning, with one warning.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.compile("adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    model.layers[0].trainable = False

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.layers[0].trainable = False
    model.compile("adam", loss="mse")
    model.optimizer.build(model.trainable_variables)

Fix safety:
    Unsafe: compiling again makes a new optimizer, whose state begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT214", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    compiled = subject.compiled
    for variables, what in ((compiled.frozen, "frozen"), (compiled.thawed, "made trainable")) if compiled else ():
        if variables:
            count = f"{len(variables)} variables were" if len(variables) > 1 else "a variable was"
            yield RULE.finding(
                f"{count} {what} after the optimizer was built",
                where=variables,
                stock="loads with one warning; the optimizer starts from zero",
                kept="keeps it: the optimizer comes back for the variables that it was built for",
                fix=Fix("set trainable before compile, or compile again"),
            )
