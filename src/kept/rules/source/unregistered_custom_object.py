"""A class or function of a model that is not registered.

What it does:
    Looks for layers, models, losses and the like without `register_keras_serializable`, and for such functions where
    a layer or `compile` takes them. Those that the file lists as custom objects are left out, and so are tests and
    classes that are only derived from.

Why it matters:
    A file refers to custom objects by name. In the next process the name finds nothing, even after the module has been
    imported: `Could not locate class`. It then takes a `custom_objects` that holds every one of them, at every load.

Example:
    import keras

    class Affine(keras.layers.Layer):
        def __init__(self, scale=2.0, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * x

    model = keras.Sequential([keras.Input((3,)), Affine(3.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Affine(keras.layers.Layer):
        def __init__(self, scale=2.0, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * x

    model = keras.Sequential([keras.Input((3,)), Affine(3.0)])

Fix safety:
    Unsafe: the edit writes a decorator, and files that were saved before refer to the bare name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePath

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.bases import is_base
from kept.source.callables import Form, handed, registered_by_call
from kept.source.classes import ClassModel
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.registry import is_test

__all__ = ["RULE", "check"]

RULE = Rule("KPT108", __name__, Severity.ERROR, edit=Applicability.UNSAFE)
_IMPORTED_BY_KERAS = frozenset({"keras", "keras_hub", "keras_cv", "keras_nlp"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if _is_imported_by_keras(subject) or is_test(subject):
        return
    keras = subject.project.keras
    given = registered_by_call(subject) if subject.classes or subject.functions else frozenset()
    for one in saved_classes(subject):
        shadows = one.kind is not None and keras.instead_of_class(one.name, one.kind) is not None
        if one.is_local or shadows or one.name in given or not _is_plainly_unregistered(one):
            continue
        if not is_base(one):
            yield _finding(subject, one.node, one.name, "class")
    seen = set()
    for use in handed(subject):
        if use.form is not Form.FUNCTION or use.function is None or use.name in given or use.function in seen:
            continue
        if keras.instead_of_function(use.name) is None:
            seen.add(use.function)
            yield _finding(subject, use.function, use.name, "function")


def _is_imported_by_keras(module: Module) -> bool:
    """Whether Keras looks for the classes of a file in the file itself: it does so in packages of its own."""
    parts = PurePath(module.path).parts
    inside = any(one in _IMPORTED_BY_KERAS and after == "src" for one, after in pairwise(parts))
    return inside or module.name.partition(".")[0] in _IMPORTED_BY_KERAS


def _is_plainly_unregistered(one: ClassModel) -> bool:
    """Whether nothing registers it, and nothing around it may do so unseen."""
    if one.node.decorator_list or any(
        base.node.keywords or "__init_subclass__" in base.methods for base in one.lineage
    ):
        return False
    return one.registration is None


def _finding(
    module: Module, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, name: str, what: str
) -> Finding:
    return RULE.finding(
        f"{name} is not registered",
        kind=name,
        location=module.location(node),
        stock=f"saves, and load_model in another process raises: Could not locate {what} '{name}'",
        kept="keeps it: the file names its module and holds its source, and loads where you trust either",
        fix=Fix("register it", "@keras.saving.register_keras_serializable()", Applicability.UNSAFE),
    )
