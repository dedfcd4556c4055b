"""A variable that Keras does not write into the file.

What it does:
    Compares the variables that the model reaches with those that Keras's own saving stores. The state of random
    generators and metrics, which it never stores, is left out.

Why it matters:
    Keras follows attributes that are layers, variables, and lists, tuples and dicts of them. What lies in a plain
    object, a set, a closure or an attribute called `_layers` trains, and comes back as it was initialised.

Example:
    import keras

    class Box:
        pass

    @keras.saving.register_keras_serializable("example")
    class Gain(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.box = Box()
            self.box.gain = keras.Variable(1.0)

        def call(self, x):
            return x * self.box.gain

    model = keras.Sequential([keras.Input((3,)), Gain()])
    model.layers[0].box.gain.assign(5.0)

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gain(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.gain = self.add_weight(shape=(), initializer="ones", name="gain")

        def call(self, x):
            return x * self.gain

    model = keras.Sequential([keras.Input((3,)), Gain()])
    model.layers[0].gain.assign(5.0)

Fix safety:
    A person writes it: the variable gets another path, so older weight files no longer fit.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination, VariableView
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT206", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    colliding = [path for each in subject.same_inner_paths for path in each.objects]
    elsewhere = tuple(path + step for path in (*subject.unordered, *colliding) for step in ".[{")
    owners: dict[tuple[str, str], list[VariableView]] = {}
    for one in subject.variables:
        if not one.path.startswith(elsewhere):
            owners.setdefault((one.owner, one.holder), []).append(one)
    for (owner, holder), variables in owners.items():
        cls = variables[0].cls
        count = f"{len(variables)} variables" if len(variables) > 1 else "a variable"
        yield RULE.finding(
            f"{cls.name} holds {count} in {holder}, where Keras does not look"
            if not cls.own
            else f"the state that a stateful {cls.name} carries from batch to batch is not written",
            where=(owner,),
            kind=cls.name,
            location=cls.at("__init__", "build"),
            stock=f"saves without {variables[0].path}; it comes back as it was initialised",
            kept="keeps it as extra state",
            fix=None if cls.own else Fix("make it with add_weight, or hold it in an attribute, a list or a dict"),
        )
