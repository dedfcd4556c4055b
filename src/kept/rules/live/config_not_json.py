"""A value in a config cannot be written, or is not read back as what it was.

What it does:
    Looks for values that Keras cannot write (sets, paths, enums, complex numbers), and for values that reach the
    constructor as something else: bytes, arrays and layers as dicts, integer keys as strings, and tuples as lists
    where the class asks whether it has a tuple.

Why it matters:
    What cannot be written makes `model.save` raise. What comes back as something else makes loading fail, or makes
    a different model of it without a word: `gains.get(0, 1.0)` finds nothing where the key has become "0".

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gain(keras.layers.Layer):
        def __init__(self, gains, **kwargs):
            super().__init__(**kwargs)
            self.gains = gains

        def call(self, x):
            return x * self.gains.get(0, 1.0)

        def get_config(self):
            return {**super().get_config(), "gains": dict(self.gains)}

    model = keras.Sequential([keras.Input((3,)), Gain({0: 5.0})])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Gain(keras.layers.Layer):
        def __init__(self, gains, **kwargs):
            super().__init__(**kwargs)
            self.gains = {int(key): value for key, value in gains.items()}

        def call(self, x):
            return x * self.gains.get(0, 1.0)

        def get_config(self):
            return {**super().get_config(), "gains": {str(key): value for key, value in self.gains.items()}}

    model = keras.Sequential([keras.Input((3,)), Gain({0: 5.0})])

Fix safety:
    A person writes it: the constructor must read what `get_config` writes.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT202", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        raises = one.rebuild_raises or (
            subject.loading_raises if "a config" in {v.after for v in one.altered} else None
        )
        for value in one.unwritable:
            yield RULE.finding(
                f"{one.cls.name}.get_config returns {value.name} as {value.after or value.value}",
                where=(one.path,),
                kind=one.cls.name,
                location=one.cls.at("get_config", "__init__"),
                stock=f"cannot write {value.value}: model.save empties the file and raises",
                kept="keeps it as the type it is, or names the value that no codec knows",
                fix=Fix(f"let get_config return {value.name} as plain values, and let __init__ read them"),
            )
        for value in one.altered if one.is_described else ():
            yield RULE.finding(
                f"{value.name} of {one.cls.name} goes in as {value.value} and reaches __init__ as {value.after}",
                where=(one.path,),
                kind=one.cls.name,
                location=one.cls.at("get_config", "__init__"),
                severity=RULE.severity if raises else Severity.WARNING,
                stock=f"saves, and load_model raises {raises}" if raises else "loads, and uses that without a word",
                kept="keeps it as the type it is",
                fix=Fix(f"let __init__ turn {value.name} back into what it was, or from_config revive it"),
            )
