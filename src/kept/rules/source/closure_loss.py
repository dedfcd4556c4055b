"""A function that no name finds again is saved with a model.

What it does:
    Looks at what `compile` and the arguments of layers take: functions made inside other functions,
    `functools.partial`, bound methods, `tf.function`, and callable objects without `get_config`.

Why it matters:
    Keras writes a bare name, or cannot write it at all. The values that belong to it are in no file, and two functions
    of one factory have one name.

Example:
    import keras

    def make_loss(alpha):
        def loss(y_true, y_pred):
            return alpha * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

        return loss

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=make_loss(3.0))

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class ScaledError(keras.losses.Loss):
        def __init__(self, alpha, name="scaled_error", **kwargs):
            super().__init__(name=name, **kwargs)
            self.alpha = alpha

        def call(self, y_true, y_pred):
            return self.alpha * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

        def get_config(self):
            return {**super().get_config(), "alpha": self.alpha}

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss=ScaledError(3.0))

Fix safety:
    Unsafe: files that were saved before name it otherwise. A function that does nothing but return a loss becomes a
    class, a `functools.partial` of constants a function, and a plain class gets a config; the rest is for a person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.callables import Form, Handed, handed, registered_by_call
from kept.source.module import Module
from kept.source.registry import is_test

__all__ = ["RULE", "check"]

RULE = Rule("KPT113", __name__, Severity.ERROR, edit=Applicability.UNSAFE)
_LOST = "saves a bare name, and load_model does not find it; its values are in no file"
_STOCK = {
    Form.LOCAL: _LOST,
    Form.METHOD: "saves a bare name, and load_model raises TypeError; the object it belongs to is in no file",
    Form.COMPILED: "saves a bare name, and load_model raises TypeError",
    Form.PARTIAL: "saving raises TypeError: Cannot serialize object functools.partial(...)",
    Form.CALLABLE: "saving raises TypeError: Cannot serialize object",
}


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    given: frozenset[str] | None = None
    for use in handed(subject):
        if use.form not in _STOCK or _is_shadowed(subject, use):
            continue
        given = registered_by_call(subject) if given is None else given
        same = {ast.unparse(one.node) for one in handed(subject) if one.function is use.function}
        if use.form is Form.LOCAL and use.name in given and len(same) < 2:
            continue
        yield RULE.finding(
            f"the {use.slot} of {use.owner} is a {use.form.value}" + (f", {use.name}" if use.name else ""),
            kind=use.name,
            location=subject.location(use.node),
            stock=_STOCK[use.form],
            kept="keeps it: source and values go into the file, and are run only where you trust them",
            fix=Fix(
                "make it a registered class whose get_config returns the values", applicability=Applicability.UNSAFE
            ),
        )


def _is_shadowed(module: Module, use: Handed) -> bool:
    """Whether its name is one of Keras's own; another rule says what becomes of it."""
    return use.form is Form.LOCAL and module.project.keras.instead_of_function(use.name) is not None
