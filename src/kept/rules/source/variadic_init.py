"""A constructor takes `*args` or positional-only arguments, which no config can give back.

What it does:
    Looks for constructors with `*args` that they use for themselves, and with arguments before a `/`, in classes
    without a `from_config`.

Why it matters:
    Loading calls the constructor with keywords. Without a `get_config` saving raises `NotImplementedError`, or a model
    comes back as if nothing had been given; with one, loading raises `TypeError`.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Powers(keras.layers.Layer):
        def __init__(self, *powers, **kwargs):
            super().__init__(**kwargs)
            self.powers = powers

        def call(self, x):
            return sum(x**power for power in self.powers)

    model = keras.Sequential([keras.Input((3,)), Powers(1, 2)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Powers(keras.layers.Layer):
        def __init__(self, powers, **kwargs):
            super().__init__(**kwargs)
            self.powers = list(powers)

        def call(self, x):
            return sum(x**power for power in self.powers)

    model = keras.Sequential([keras.Input((3,)), Powers([1, 2])])

Fix safety:
    Safe: `*args` become a list in the config, which `from_config` hands on by position; a `/` is left out. Both allow
    every call that was possible before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.arguments import changes_config
from kept.source.classes import ClassModel
from kept.source.constructor import Constructor, Parameter
from kept.source.intent import saved_classes
from kept.source.kinds import Kind, ParameterKind
from kept.source.module import Module
from kept.source.walking import nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT115", __name__, Severity.ERROR, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        if one.constructor is None or (changes_config(one) and not one.is_automatic):
            continue
        for parameter in one.constructor.parameters:
            stock, severity = _stock(one, parameter)
            star = "*" if parameter.kind is ParameterKind.VARIADIC else ""
            if _matters(one.constructor, parameter):
                yield RULE.finding(
                    f"{one.name}.__init__ takes {star}{parameter.name} by position only",
                    kind=one.name,
                    location=subject.location(parameter.node),
                    severity=severity,
                    stock=stock,
                    kept=KEEPS,
                    fix=Fix(
                        "take one argument that can be named, or write a from_config", applicability=Applicability.SAFE
                    ),
                )


def _matters(constructor: Constructor, parameter: Parameter) -> bool:
    if parameter.kind is ParameterKind.POSITIONAL_ONLY:
        return True
    if parameter.kind is not ParameterKind.VARIADIC:
        return False
    call = constructor.super_call
    handed_on = set(nodes(call.node)) if call is not None and call.varargs else set()
    return any(
        isinstance(node, ast.Name) and node.id == parameter.name and node not in handed_on
        for statement in constructor.node.body
        for node in nodes(statement)
    )


def _stock(one: ClassModel, parameter: Parameter) -> tuple[str, Severity]:
    is_variadic = parameter.kind is ParameterKind.VARIADIC
    is_returned = one.config_keys is None or parameter.name in one.config_keys
    if not one.is_automatic and (is_returned or not is_variadic):
        return f"saves, and load_model raises TypeError: {parameter.name} is not given by position", Severity.ERROR
    if is_variadic and (one.kind is Kind.MODEL or not one.is_automatic):
        return f"saves; after load_model {parameter.name} is empty, without a word", Severity.WARNING
    return "saving raises NotImplementedError: Keras does not write arguments given by position", Severity.ERROR
