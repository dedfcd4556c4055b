"""A function of the user has the name of one of Keras's own.

What it does:
    Looks at unregistered functions that a layer or `compile` takes, and compares their names with those of Keras's
    activations, losses, metrics, initializers, regularizers, constraints and optimizers; and at initializers,
    regularizers and constraints that are classes of such a name.

Why it matters:
    The file holds the bare name, and loading looks among Keras's own first: the model comes back with another loss or
    activation, and nobody is told.

Example:
    import keras

    def dice(y_true, y_pred):
        return 5.0 * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", loss=dice)

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    def dice(y_true, y_pred):
        return 5.0 * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", loss=dice)

Fix safety:
    Unsafe: the edit writes a decorator, and files that were saved before refer to the bare name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.callables import Form, handed
from kept.source.intent import saved_classes
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT110", __name__, Severity.WARNING, edit=Applicability.UNSAFE)
_FIX = Fix("register it", "@keras.saving.register_keras_serializable()", Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    keras = subject.project.keras
    seen = set()
    for use in handed(subject):
        own = keras.instead_of_function(use.name) if use.form in (Form.FUNCTION, Form.LOCAL) else None
        if own is None or use.function is None or use.function in seen:
            continue
        seen.add(use.function)
        yield _finding(subject, use.function, use.name, own)
    for one in saved_classes(subject):
        own = keras.instead_of_class(one.name, one.kind) if one.kind else None
        if own is not None and own.partition(".")[0] != subject.name.partition(".")[0] and not one.node.decorator_list:
            yield _finding(subject, one.node, one.name, own)


def _finding(
    module: Module, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, name: str, own: str
) -> Finding:
    return RULE.finding(
        f"{name} has the name of {own}, and is not registered",
        kind=name,
        location=module.location(node),
        stock=f"saves; loading gives {own} instead, without a word",
        kept="keeps it: the file names its module and holds its source",
        fix=_FIX,
    )
