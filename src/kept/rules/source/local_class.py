"""A class of Keras that is made inside a function.

What it does:
    Looks for layers, models, losses and the like whose class statement stands in a function. Tests are left out, and
    so are classes that the file lists as custom objects.

Why it matters:
    A process that loads a file has not called the function. The class is not there, importing the module does not
    make it, and it cannot be imported to be given in `custom_objects`; what it took from the function is in no file.
    Registered inside the function, it is found only after the function has run.

Example:
    import keras

    def scaled(factor):
        class Scaled(keras.layers.Layer):
            def call(self, x):
                return factor * x

        return Scaled()

    model = keras.Sequential([keras.Input((3,)), scaled(2.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

    model = keras.Sequential([keras.Input((3,)), Scaled(2.0)])

Fix safety:
    Unsafe: each call of the function made a class of its own. It is moved where it takes nothing from the function;
    elsewhere a person makes arguments of what it takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.callables import registered_by_call
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.registry import is_test

__all__ = ["RULE", "check"]

RULE = Rule("KPT114", __name__, Severity.ERROR, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    given: frozenset[str] | None = None
    for one in saved_classes(subject):
        if not one.is_local:
            continue
        given = registered_by_call(subject) if given is None else given
        if one.name in given:
            continue
        function = one.qualname.partition(".<locals>")[0]
        registered = one.registration is not None
        until = f", unless {function}() has run there before" if registered else ""
        yield RULE.finding(
            f"{one.name} is made inside {function}()",
            kind=one.name,
            location=subject.location(one.node),
            stock=f"saves, and load_model in another process raises: Could not locate class '{one.name}'{until}",
            kept="keeps it: its source and what it takes from the function go into the file, where you trust them",
            fix=Fix(
                "move it to the top of the module, and give it what it takes as arguments",
                applicability=Applicability.UNSAFE,
            ),
        )
