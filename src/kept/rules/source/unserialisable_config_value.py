"""A value in the config cannot be written, or comes back as something else.

What it does:
    Looks for values of `get_config` that JSON does not have, where the source says what they are: arrays, tensors,
    sets, bytes, complex numbers, paths, members of an Enum, dates, ranges, objects without a config, dicts whose keys
    are integers, and tuples that the class tells from lists.

Why it matters:
    Saving raises `TypeError` for most of them. Arrays, tensors and bytes are written as a dict, and that dict is what
    the constructor is called with; integer keys come back as texts, and tuples as lists, without a word.

Example:
    import keras
    import numpy as np

    @keras.saving.register_keras_serializable("example")
    class Weigh(keras.layers.Layer):
        def __init__(self, factors, **kwargs):
            super().__init__(**kwargs)
            self.factors = np.asarray(factors)

        def call(self, x):
            return x * self.factors

        def get_config(self):
            return {**super().get_config(), "factors": self.factors}

    model = keras.Sequential([keras.Input((3,)), Weigh([1.0, 2.0, 3.0])])

Use instead:
    import keras
    import numpy as np

    @keras.saving.register_keras_serializable("example")
    class Weigh(keras.layers.Layer):
        def __init__(self, factors, **kwargs):
            super().__init__(**kwargs)
            self.factors = np.asarray(factors)

        def call(self, x):
            return x * self.factors

        def get_config(self):
            return {**super().get_config(), "factors": self.factors.tolist()}

    model = keras.Sequential([keras.Input((3,)), Weigh([1.0, 2.0, 3.0])])

Fix safety:
    Unsafe: the constructor has to take the plain value, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.evidence import Sort
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.values import Value, config_values

__all__ = ["RULE", "check"]

RULE = Rule("KPT106", __name__, Severity.ERROR, edit=Applicability.UNSAFE)
_PLAIN = {
    Sort.ARRAY: ".tolist()", Sort.TENSOR: ".numpy().tolist()", Sort.SET: "sorted(...)", Sort.BYTES: ".decode()",
    Sort.COMPLEX: "[z.real, z.imag]", Sort.RANGE: "list(...)", Sort.PATH: "str(...)", Sort.ENUM: ".value",
    Sort.DATE: ".isoformat()", Sort.DTYPE: ".name", Sort.INT_KEYS: "list(....items())", Sort.TUPLE: "list(...)",
}  # fmt: skip
_AS_DICT = (Sort.ARRAY, Sort.TENSOR, Sort.BYTES)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        for value in config_values(one):
            if not value.sort.is_object:
                yield RULE.finding(
                    f"the config of {one.name} has {value.sort.value}: {value.key} {value.why}",
                    kind=one.name,
                    location=subject.location(value.node),
                    severity=Severity.WARNING if value.sort in (Sort.INT_KEYS, Sort.TUPLE) else Severity.ERROR,
                    stock=_stock(value),
                    kept=KEEPS,
                    fix=_fix(value),
                )


def _stock(value: Value) -> str:
    if value.sort in _AS_DICT:
        return f"saves, and load_model calls __init__ with a dict for {value.key}"
    if value.sort is Sort.INT_KEYS:
        return f"saves; after load_model the keys of {value.key} are texts, without a word"
    if value.sort is Sort.TUPLE:
        return f"saves; after load_model {value.key} is a list, without a word"
    return "saving raises TypeError: Cannot serialize object"


def _fix(value: Value) -> Fix:
    if value.sort is Sort.TUPLE:
        return Fix("make a tuple of it in __init__, or take lists as well", f"tuple({value.key})", RULE.edit)
    if value.sort is Sort.INT_KEYS:
        code = f"{{int(key): value for key, value in {value.key}.items()}}"
        return Fix("make integers of the keys in __init__", code, RULE.edit)
    return Fix("return a plain value, and take it in __init__", _PLAIN.get(value.sort, ""), Applicability.UNSAFE)
