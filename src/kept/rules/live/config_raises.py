"""`get_config` raises, or returns no dict.

What it does:
    Calls `get_config` of every custom object that Keras writes a config of.

Why it matters:
    Keras calls it while it saves. `model.save` then raises, after it has emptied the file that was there.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Affine(keras.layers.Layer):
        def __init__(self, scale, /, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * x

    model = keras.Sequential([keras.Input((3,)), Affine(2.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Affine(keras.layers.Layer):
        def __init__(self, scale, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * x

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}

    model = keras.Sequential([keras.Input((3,)), Affine(2.0)])

Fix safety:
    A person writes it: only the author knows what an object is made from.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import BASE, Examination
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT201", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        if not (one.config_raises or one.config_type):
            continue
        name = one.cls.name
        what = f"raises {one.config_raises.kind}" if one.config_raises else f"returns {one.config_type} and no dict"
        why = f": {one.config_raises.message}" if one.config_raises else ""
        arguments = ", ".join(f'"{each}": self.{each}' for each in one.cls.parameters if each not in BASE)
        yield RULE.finding(
            f"{name}.get_config {what}",
            where=(one.path,),
            kind=name,
            location=one.cls.at("get_config", "__init__"),
            stock=f"model.save empties the file and raises{why}",
            kept="keeps it: the arguments are read from the constructor call or from attributes of their names",
            fix=Fix(
                f"write a {name}.get_config that returns the arguments of __init__",
                f"return {{**super().get_config(), {arguments}}}" if arguments else "return super().get_config()",
            ),
        )
