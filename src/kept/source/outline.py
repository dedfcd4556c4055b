"""What other files need to know of a file, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kept.source.module import Module

__all__ = ["Outline"]


@dataclass(frozen=True, slots=True)
class Outline:
    """One file as others see it.

    Attributes:
        path: Of the file.
        name: Dotted name under which it is imported; may be empty.
        bound: Name at the top of the module -> dotted name that it stands for.
        stars: Modules whose every name it imports.
        classes: Names of the classes at its top.
        registered: Names under which its decorators register something with Keras.
        bases: Last names of the classes that its classes derive from.
    """

    path: str
    name: str
    bound: Mapping[str, str]
    stars: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()

    @classmethod
    def of(cls, module: Module) -> Outline:
        """The outline of a parsed file."""
        top = tuple(one.name for one in module.class_nodes if one in module.tree.body)
        from kept.source.registry import registered

        names = tuple(dict.fromkeys(name for name, _, _ in registered(module)))
        derived = (base for node in module.class_nodes for base in node.bases)
        bases = dict.fromkeys((module.names.dotted(one) or "").rpartition(".")[2] for one in derived)
        bound = dict(module.names.bound)
        return cls(module.path, module.name, bound, tuple(module.names.stars), top, names, tuple(bases))

    def to_dict(self) -> dict[str, Any]:
        """The outline as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outline:
        """Reads what `to_dict` gave, also after a way through JSON."""
        lists = (tuple(data[key]) for key in ("stars", "classes", "registered", "bases"))
        return cls(data["path"], data["name"], data["bound"], *lists)
