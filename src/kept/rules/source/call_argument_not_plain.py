"""A layer in a graph is called with a value that Keras cannot write.

What it does:
    Looks at layers that are called on symbolic tensors with an enum member, a set, a path or a complex number as a
    keyword argument.

Why it matters:
    The arguments of every call are a part of a functional model's config. Saving raises, after the training.

Example:
    import enum

    import keras

    class Mode(enum.Enum):
        DOUBLE = 2
        TRIPLE = 3

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def call(self, x, mode=Mode.DOUBLE):
            return x * mode.value

    inputs = keras.Input((3,))
    outputs = Scale()(inputs, mode=Mode.TRIPLE)
    model = keras.Model(inputs, outputs)

Use instead:
    import enum

    import keras

    class Mode(enum.Enum):
        DOUBLE = 2
        TRIPLE = 3

    @keras.saving.register_keras_serializable("example")
    class Scale(keras.layers.Layer):
        def call(self, x, mode="DOUBLE"):
            return x * Mode[mode].value

    inputs = keras.Input((3,))
    outputs = Scale()(inputs, mode="TRIPLE")
    model = keras.Model(inputs, outputs)

Fix safety:
    Unsafe: an override of `call` may look at the member. Of a member of an Enum its value is given, and `call` makes
    the member again; other values are for a person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.instances import assigned, kept_objects
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT135", __name__, Severity.ERROR, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if "Input" not in subject.text:
        return
    for call in subject.calls:
        for one in call.keywords if call.args else ():
            what = _what(subject, one.value) if one.arg else ""
            if what and _is_of_a_graph(subject, call):
                yield RULE.finding(
                    f"a layer is called with {one.arg}, {what}",
                    location=subject.location(one),
                    stock="saving the model raises TypeError: Cannot serialize object",
                    kept="keeps values that have a codec, such as enums, and refuses others",
                    fix=Fix("give it a text or a number", applicability=Applicability.UNSAFE),
                )


def _is_of_a_graph(module: Module, call: ast.Call) -> bool:
    """Whether a layer is called on something symbolic."""
    if not kept_objects(module, call.func) or module.class_of(call.func) is not None:
        return False
    return any(_is_symbolic(module, value) for value in call.args)


def _what(module: Module, value: ast.expr) -> str:
    if isinstance(value, (ast.Set, ast.SetComp)):
        return "a set"
    if isinstance(value, ast.Constant) and isinstance(value.value, complex):
        return "a complex number"
    if isinstance(value, ast.Attribute):
        owner = module.class_of(value.value)
        return f"a member of {owner.name}" if isinstance(owner, ClassModel) and _is_enum(owner) else ""
    if isinstance(value, ast.Call):
        if (module.dotted(value.func) or "") in ("pathlib.Path", "pathlib.PurePath"):
            return "a path"
        if isinstance(value.func, ast.Name) and value.func.id in ("set", "frozenset", "complex"):
            return f"a {value.func.id}"
    return ""


def _is_enum(owner: ClassModel) -> bool:
    bases = {owner.module.dotted(base) or "" for base in owner.node.bases}
    return bool(bases & {"enum.Enum", "enum.Flag"})


def _is_symbolic(module: Module, node: ast.expr, depth: int = 0) -> bool:
    """Whether an expression surely gives a symbolic tensor: an input, or what a layer makes of one."""
    if depth > 8:
        return False
    if isinstance(node, ast.Name):
        value = assigned(module, node)
        return value is not None and _is_symbolic(module, value, depth + 1)
    if not isinstance(node, ast.Call):
        return False
    function = module.project.keras.function(module.dotted(node.func) or "")
    if function is not None and function.path == "keras.layers.Input":
        return True
    return kept_objects(module, node.func) and any(_is_symbolic(module, one, depth + 1) for one in node.args)
