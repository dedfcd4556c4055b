"""A lambda that is saved with a model.

What it does:
    Looks for lambdas, also under a name, that a `Lambda` layer, another argument of a layer, a metric, an optimizer or
    `compile` takes. What the code of a class hands to its own sublayers is left out: that code makes it again.

Why it matters:
    Keras writes the bytecode of one version of Python into the file, and refuses to load it, because running it would
    run whatever the file holds.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: 2 * x)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    def twice(x):
        return 2 * x

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(twice)])

Fix safety:
    Unsafe: the lambda becomes a registered function; files that were saved before hold the bytecode.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.callables import Form, handed
from kept.source.module import Module
from kept.source.registry import is_test

__all__ = ["RULE", "check"]

RULE = Rule("KPT112", __name__, Severity.ERROR, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    for use in handed(subject):
        if use.form is Form.LAMBDA:
            yield RULE.finding(
                f"the {use.slot} of {use.owner} is a lambda",
                kind=use.owner,
                location=subject.location(use.node),
                stock="saves bytecode, and load_model refuses it: Requested the deserialization of a lambda",
                kept="keeps it: its source goes into the file, and is run only where you trust it",
                fix=Fix("make it a registered function", "", Applicability.UNSAFE),
            )
