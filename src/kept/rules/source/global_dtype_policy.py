"""A dtype policy is set for the whole process, and sublayers of a custom layer take it from there.

What it does:
    Looks for `set_dtype_policy` and `set_global_policy` with a policy other than `float32` inside a function, in files
    with a custom layer or model that makes sublayers without a `dtype`.

Why it matters:
    The policy of the process is in no file. The custom layer itself comes back with its policy, but its code makes the
    sublayers anew, in a process where the function has not been called: they compute in another precision.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x)

    def build():
        keras.config.set_dtype_policy("mixed_bfloat16")
        model = keras.Sequential([keras.Input((3,), dtype="float32"), Block()])
        keras.config.set_dtype_policy("float32")
        return model

    model = build()

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Block(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(3, dtype=self.dtype_policy)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, x):
            return self.dense(x)

    def build():
        return keras.Sequential([keras.Input((3,), dtype="float32"), Block(dtype="mixed_bfloat16")])

    model = build()

Fix safety:
    A person writes it: each sublayer is given the policy of the layer around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.module import Module
from kept.source.names import last_part
from kept.source.registry import is_test
from kept.source.state import made_in, stateful_classes

__all__ = ["RULE", "check"]

RULE = Rule("KPT140", __name__, Severity.WARNING)
_SETTERS = frozenset({"set_dtype_policy", "set_global_policy"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject) or not any(word in subject.text for word in _SETTERS):
        return
    concerned = next((one for one in stateful_classes(subject) if _makes_plain_sublayers(one)), None)
    for call in subject.calls if concerned is not None else ():
        policy = _policy(subject, call)
        if policy and concerned is not None and subject.scope_of(call) is not None:
            yield RULE.finding(
                f"{policy} is set for the process, and {concerned.name} makes sublayers without a dtype",
                kind=concerned.name,
                location=subject.location(call),
                stock=f"saves; where {policy} is not set before loading, its sublayers compute in float32",
                kept="keeps the policy of every sublayer",
                fix=Fix("give each sublayer the policy of its layer", "dtype=self.dtype_policy"),
            )


def _makes_plain_sublayers(one: ClassModel) -> bool:
    methods = (one.methods[name] for name in ("__init__", "build") if name in one.methods)
    made = (found for method in methods for found in made_in(one.module, method) if found.what == "layer")
    return any(all(word.arg not in ("dtype", None) for word in found.node.keywords) for found in made)


def _policy(module: Module, call: ast.Call) -> str:
    """The policy that a call sets for the process; empty for `float32`, and for all other calls."""
    called = last_part(call.func)
    if called not in _SETTERS or not (module.dotted(call.func) or "").startswith("keras."):
        return ""
    value = call.args[0] if call.args else None
    given = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
    return "" if given == "float32" else given
