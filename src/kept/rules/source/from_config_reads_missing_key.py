"""`from_config` reads a key that the config does not have.

What it does:
    Looks for `config["x"]` and `config.pop("x")` in `from_config` where `get_config` never returns an `x`.

Why it matters:
    Loading raises `KeyError`, after the model has been trained and saved without complaint.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

        @classmethod
        def from_config(cls, config):
            return cls(config.pop("scale"), **config)

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

        @classmethod
        def from_config(cls, config):
            return cls(config.pop("factor"), **config)

    model = keras.Sequential([keras.Input((3,)), Scale(2.0)])

Fix safety:
    A person writes it: the key is called otherwise, or `get_config` has to return it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.rules.source._words import KEEPS
from kept.source.arguments import automatic_keys
from kept.source.constructor import statements
from kept.source.intent import saved_classes
from kept.source.missing import missing_config
from kept.source.module import Function, Module
from kept.source.walking import nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT139", __name__, Severity.ERROR)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        keys = automatic_keys(one) if one.is_automatic else one.config_keys
        if one.own_revival is None or keys is None or one.keras is None or not one.constructors:
            continue
        if missing_config(one) is not None:
            continue
        if one.constructors[0][1].varkw and one.is_automatic:
            continue  # the config has whatever was given
        there = keys | one.keras.optional_keys
        for key, node in _required(one.own_revival.node):
            if key not in there:
                yield RULE.finding(
                    f"{one.name}.from_config reads {key}, and the config does not have it",
                    kind=one.name,
                    location=subject.location(node),
                    stock=f"saves, and load_model raises KeyError: {key}",
                    kept=KEEPS,
                    fix=Fix("read a key that get_config returns, or return this one"),
                )


def _required(node: Function) -> Iterator[tuple[str, ast.AST]]:
    """Keys that must be there: they are read whatever the config is, and not put there before."""
    config = [each.arg for each in node.args.args[1:2]]
    put: set[str] = set()
    for statement, conditional in statements(node.body):
        if conditional or isinstance(statement, (ast.If, ast.For, ast.While, ast.Try, ast.With)):
            return
        for each in nodes(statement):
            if isinstance(each, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension)):
                return
            key = _key(each, config)
            if key and isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store):
                put.add(key)
            elif key and key not in put and not isinstance(getattr(each, "ctx", None), ast.Del):
                yield key, each
            elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == "update":
                return


def _key(node: ast.AST, config: list[str]) -> str:
    """`x` of `config["x"]` and of `config.pop("x")`."""
    if isinstance(node, ast.Subscript):
        owner, text = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        owner, text = node.func.value, node.args[0]
        if node.func.attr != "pop":
            return ""
    else:
        return ""
    known = isinstance(owner, ast.Name) and [owner.id] == config
    return text.value if known and isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
