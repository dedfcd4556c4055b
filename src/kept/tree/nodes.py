"""One object in a config tree, in every form that Keras and kept write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

__all__ = ["Form", "Node"]

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_CODE = ("__lambda__",)
_SPECIAL = ("function", "Value")
_PLAIN = frozenset({str, int, float, bool, type(None)})


class Form(str, Enum):
    """What a node stands for."""

    OBJECT = "object"  # what a class makes of a config
    FUNCTION = "function"  # a function by its name
    CODE = "code"  # a function as bytecode
    VALUE = "value"  # a value that kept wrote, docs/file-format.md
    LITERAL = "literal"  # a tuple, slice, array or tensor, which JSON has no form for


@dataclass(frozen=True, slots=True)
class Node:
    """A dict of the tree that names a class, and the root of the tree whatever it is.

    Attributes:
        path: Its path in the tree: `config.layers[0]`; empty for the root.
        fields: Everything it holds, read-only; lists are tuples, and every further node stands where its dict stood.
        children: The nodes in `fields` that are in no other node, in order.
        class_name: As the file has it: `Dense`, `function`, `__tuple__`; in files of Keras 2 also `package>Name`.
        module: Empty where the file does not say, as for registered classes and in files of Keras 2.
        form: What it stands for.
    """

    path: str
    fields: Mapping[str, Any]
    children: tuple[Node, ...] = ()
    class_name: str = field(init=False, repr=False, compare=False)
    module: str = field(init=False, repr=False, compare=False)
    form: Form = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_name", self.text("class_name"))
        object.__setattr__(self, "module", self.text("module"))
        object.__setattr__(self, "form", self._form())

    def text(self, key: str) -> str:
        """The text under a key; empty where there is none."""
        found = self.fields.get(key)
        return found if isinstance(found, str) else ""

    @property
    def registered_name(self) -> str:
        """Empty for what is not registered."""
        return self.text("registered_name")

    @property
    def config(self) -> Mapping[str, Any]:
        """The config; empty where it is no dict, as that of functions and of a Sequential of Keras 1."""
        found = self.fields.get("config")
        return found if isinstance(found, Mapping) else _EMPTY

    @property
    def settings(self) -> Mapping[str, Any]:
        """The entries of the config without any node in them."""
        return MappingProxyType({key: value for key, value in self.config.items() if not _has_node(value)})

    @property
    def name(self) -> str:
        """Of a function its name; else the name in the config, or beside it."""
        if self.form is Form.FUNCTION:
            return self.text("config")
        found = self.config.get("name")
        return found if isinstance(found, str) else self.text("name")

    def _form(self) -> Form:
        name = self.class_name
        if name[:2] != "__" and name not in _SPECIAL:
            return Form.OBJECT
        if name in _CODE:
            return Form.CODE
        if name.startswith("__") and name.endswith("__"):
            return Form.LITERAL
        if name == "function" and isinstance(self.fields.get("config"), str):
            return Form.FUNCTION
        return Form.VALUE if (self.module, name) == ("kept", "Value") else Form.OBJECT


def _has_node(value: Any) -> bool:
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Node):
        return True
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return any(map(_has_node, inner))
