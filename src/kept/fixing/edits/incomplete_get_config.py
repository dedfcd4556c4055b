"""Adds to `get_config` the arguments that it leaves out."""

from __future__ import annotations

from kept.findings import Finding
from kept.fixing.arguments import return_arguments
from kept.fixing.source import Source

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    return_arguments(source, finding)
