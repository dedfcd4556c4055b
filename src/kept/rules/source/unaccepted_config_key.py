"""The config has a key that the constructor does not take.

What it does:
    Looks for keys of `get_config` that are no argument of `__init__`, and that `**kwargs` does not hand to a base
    class that takes them; and for arguments that `__init__` gives its base class by itself while the config of the
    base class gives them, too.

Why it matters:
    Loading calls the constructor with every key. One that nothing takes is a `TypeError`, after the model has been
    trained and saved without complaint; one that `**kwargs` swallows leaves the argument that it was meant for at its
    default.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Repeat(keras.layers.Layer):
        def __init__(self, times=1, **kwargs):
            super().__init__(**kwargs)
            self.n_times = times

        def call(self, x):
            return self.n_times * x

        def get_config(self):
            return {**super().get_config(), "n_times": self.n_times}

    model = keras.Sequential([keras.Input((3,)), Repeat(4)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Repeat(keras.layers.Layer):
        def __init__(self, times=1, **kwargs):
            super().__init__(**kwargs)
            self.n_times = times

        def call(self, x):
            return self.n_times * x

        def get_config(self):
            return {**super().get_config(), "times": self.n_times}

    model = keras.Sequential([keras.Input((3,)), Repeat(4)])

Fix safety:
    Safe where the key is the value of exactly one argument: it is renamed. Files that were saved before have the old
    key.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS, listing
from kept.source.arguments import Taking
from kept.source.classes import ClassModel
from kept.source.intent import saved_classes
from kept.source.keys import WrongKey, inherited_keys, wrong_keys
from kept.source.missing import missing_config
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT103", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        for each in wrong_keys(one):
            if not each.is_missing:
                yield _own(subject, one, each)
        twice = [key for key, taking in inherited_keys(one).items() if taking is Taking.TWICE]
        if twice and one.constructor is not None and missing_config(one) is None:
            yield RULE.finding(
                f"{one.name}.__init__ gives its base class {listing(twice)}, and so does the config",
                kind=one.name,
                location=subject.location(one.constructor.node),
                stock=f"saves, and load_model raises TypeError: multiple values for {listing(twice)}",
                kept=KEEPS,
                fix=Fix(f"take {listing(twice)} out of the config of the base class, or as an argument"),
            )


def _own(subject: Module, one: ClassModel, wrong: WrongKey) -> Finding:
    meant = f", which is called {wrong.argument} there" if wrong.argument else ""
    silent = wrong.taking is Taking.SWALLOWED
    meant_for = one.constructors[0][1].named.get(wrong.argument)
    if silent and meant_for is not None and meant_for.default is None:
        silent, stock = False, f"saves, and load_model raises TypeError: {wrong.argument} is not given"
    elif silent:
        stock = f"saves; after load_model {wrong.argument or 'the argument'} has its default again, without a word"
    else:
        problem = "multiple values for" if wrong.taking is Taking.TWICE else "unexpected keyword argument"
        stock = f"saves, and load_model raises TypeError: {problem} {wrong.key}"
    order = f"call the key {wrong.argument}" if wrong.argument else "leave it out, or take it as an argument"
    return RULE.finding(
        f"{one.name}.get_config returns {wrong.key}, and __init__ does not take it{meant}",
        kind=one.name,
        location=subject.location(wrong.node),
        severity=Severity.WARNING if silent else Severity.ERROR,
        stock=stock,
        kept=KEEPS,
        fix=Fix(order, f'"{wrong.argument}": ...' if wrong.argument else "", Applicability.SAFE),
    )
