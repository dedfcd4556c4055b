"""State that Keras does not see: it is in no file.

What it does:
    Looks in layers and models for layers and variables inside plain objects, `SimpleNamespace` or `deque`; for a list
    of sublayers called `_layers`; for variables of TensorFlow and parameters of Torch; and for numbers and arrays that
    a method changes step by step and another one reads.

Why it matters:
    Keras follows attributes that are layers, `keras.Variable`s, and lists, tuples and dicts of them. All else starts
    again after loading as it was when the object was made, and nobody is told.

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
    Unsafe: files that were saved before do not hold it. What a plain object holds gets an attribute of its own, a
    variable of TensorFlow becomes one of Keras; the rest is for a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.state import stateful_classes
from kept.source.untracked import untracked

__all__ = ["RULE", "check"]

RULE = Rule("KPT119", __name__, Severity.WARNING, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in stateful_classes(subject):
        for found in untracked(subject, one):
            yield RULE.finding(
                f"{one.name}.{found.attribute} {found.what}",
                kind=one.name,
                location=subject.location(found.node),
                stock=f"saves without it; loading brings {found.attribute} back as it was made, without a word",
                kept="keeps it as extra state, or refuses to save",
                fix=Fix(found.instead, applicability=Applicability.UNSAFE),
            )
