"""Writes a `get_config` that returns every argument, with what it needs in `__init__` and `from_config`."""

from __future__ import annotations

from kept.findings import Finding
from kept.fixing.arguments import return_arguments
from kept.fixing.source import Source

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    return_arguments(source, finding)
