"""One value of a config, or of what stands beside it, that differs between two files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

__all__ = ["Change", "Kind"]


class Kind(str, Enum):
    """What became of a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    def mirrored(self) -> Kind:
        """The same seen from the other side."""
        return {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}.get(self, self)


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs.

    Attributes:
        path: Where, from the object that it belongs to: `kernel_initializer.seed`.
        kind: What became of it.
        a: The value in the first file as JSON has it; None where it has none.
        b: That in the second.
        follows: Whether it may follow from another change, as the shape that a layer was built for.
    """

    path: str
    kind: Kind
    a: Any
    b: Any
    follows: bool = False

    def mirrored(self) -> Change:
        """The same seen from the other side."""
        return replace(self, kind=self.kind.mirrored(), a=self.b, b=self.a)
