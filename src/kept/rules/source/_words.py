"""Words that several rules on source use."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["KEEPS", "get_config", "listing"]

KEEPS = "keeps it: kept.save records what the object was made with"


def listing(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def get_config(names: Iterable[str]) -> str:
    """A `get_config` that adds arguments to that of the base class."""
    entries = "".join(f', "{name}": self.{name}' for name in names)
    return f"def get_config(self):\n    return {{**super().get_config(){entries}}}"
