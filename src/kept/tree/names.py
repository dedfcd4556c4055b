"""Names of classes: whose they are, and what Keras makes of them in a weights file."""

from __future__ import annotations

import re
from functools import cache

from .nodes import Form, Node

__all__ = ["import_path", "is_stock", "names_origin", "snake_case"]

_STOCK = frozenset({"keras", "keras_hub", "keras_cv", "keras_nlp"})
_INSIDE = re.compile(r"(.)([A-Z][a-z]+)")
_BETWEEN = re.compile(r"([a-z])([A-Z])")


def is_stock(node: Node) -> bool:
    """Whether the file says that a class or function is one of Keras's own, or it is no class at all.

    A file can say so of anything: it is no reason to trust it.
    """
    if node.form in (Form.LITERAL, Form.VALUE) or not node.class_name:
        return True
    return node.module.partition(".")[0] in _STOCK


def names_origin(node: Node) -> bool:
    """Whether the file says where a class comes from at all; those of Keras 2 do not."""
    return "module" in node.fields or "registered_name" in node.fields


def import_path(node: Node) -> str:
    """`module:Name` as far as the file says; `__main__` for what has no module."""
    module = node.module if node.module not in ("", "builtins") else "__main__"
    name = node.name if node.form is Form.FUNCTION else node.class_name
    return f"{module}:{name.rpartition('>')[2]}"


@cache
def snake_case(name: str) -> str:
    """What Keras calls a layer of a class in a weights file: `Conv2DTranspose` is `conv2d_transpose`."""
    name = re.sub(r"\W+", "", name)
    return _BETWEEN.sub(r"\1_\2", _INSIDE.sub(r"\1_\2", name)).lower()
