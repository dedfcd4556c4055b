"""A list or dict argument is changed in place, and saved changed.

What it does:
    Looks for arguments, with a mutable default or without, that `__init__` or `build` appends to, removes from or
    empties, and that `get_config` returns.

Why it matters:
    The file holds the changed value. Loading hands it to `__init__`, which changes it once more: layers are made twice,
    or an entry that was taken out is missed. A default that is changed is another one for every later object, too.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Stack(keras.layers.Layer):
        def __init__(self, sizes=(4,), **kwargs):
            super().__init__(**kwargs)
            self.sizes = list(sizes)
            self.sizes.append(2)
            self.parts = [keras.layers.Dense(size) for size in self.sizes]

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

        def get_config(self):
            return {**super().get_config(), "sizes": self.sizes}

    model = keras.Sequential([keras.Input((3,)), Stack([4])])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Stack(keras.layers.Layer):
        def __init__(self, sizes=(4,), **kwargs):
            super().__init__(**kwargs)
            self.sizes = list(sizes)
            self.parts = [keras.layers.Dense(size) for size in [*self.sizes, 2]]

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

        def get_config(self):
            return {**super().get_config(), "sizes": self.sizes}

    model = keras.Sequential([keras.Input((3,)), Stack([4])])

Fix safety:
    Safe: the argument is held as it was given in an attribute of its own, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.constructor import How
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.state import attribute
from kept.source.walking import own_nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT116", __name__, Severity.WARNING, edit=Applicability.SAFE)
_CHANGING = frozenset({"append", "extend", "insert", "pop", "popitem", "remove", "clear", "reverse"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in saved_classes(subject):
        if one.constructor is None or one.own_config is None or one.revival is not None:
            continue
        for name in one.constructor.named:
            for stored in one.constructor.attributes_of(name):
                if stored.origin.how is How.DERIVED or not _is_returned(one, name, stored.attribute):
                    continue
                change = _change(one, stored.attribute)
                if change is not None:
                    yield _finding(subject, one, name, change)
                    break


def _is_returned(one: ClassModel, key: str, name: str) -> bool:
    entry = one.own_config.entries.get(key) if one.own_config is not None else None
    return entry is not None and attribute(_plain(entry.value)) == name


def _plain(node: ast.expr) -> ast.expr:
    """`x` of `list(x)`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        node = node.args[0]
    return node


def _change(one: ClassModel, name: str) -> ast.AST | None:
    for method in (one.methods.get("__init__"), one.methods.get("build")):
        for node in own_nodes(method) if method is not None else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
                if attribute(node.func.value) == name:
                    return node
            elif isinstance(node, ast.Delete):
                for target in node.targets:
                    if isinstance(target, ast.Subscript) and attribute(target.value) == name:
                        return target
    return None


def _finding(module: Module, one: ClassModel, name: str, change: ast.AST) -> Finding:
    return RULE.finding(
        f"{one.name} changes its argument {name} in place, and get_config returns it changed",
        kind=one.name,
        location=module.location(change),
        stock=f"saves; loading changes {name} a second time, without a word",
        kept="keeps the argument as it was given",
        fix=Fix(
            "keep the argument as it is, and what is made of it in another attribute", applicability=Applicability.SAFE
        ),
    )
