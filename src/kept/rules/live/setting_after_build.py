"""A regularizer or constraint set after building works only after loading.

What it does:
    Compares the regularizer and constraint of every variable with those of the model built from its config.

Why it matters:
    A variable takes them when it is made. Set on a layer later they do nothing, and are in the config all the same:
    the model that comes back trains with another loss.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.layers[0].kernel_regularizer = keras.regularizers.L2(0.1)

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1))])

Fix safety:
    Unsafe: with the argument the regularizer counts from the first step on.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT224", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        for change in one.changes if one.is_rebuilt else ():
            if change.kind == "setting":
                yield RULE.finding(
                    f"the {change.name} of a variable of {one.cls.name} was set after it was built",
                    where=(change.path,),
                    kind=one.cls.name,
                    location=one.cls.at("build", "__init__"),
                    stock=f"{change.name} is {change.before} here and {change.after} after loading",
                    kept="keeps it: sets it again on the variable",
                    fix=Fix(f"pass the {change.name} to the constructor"),
                )
