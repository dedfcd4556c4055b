"""Registers the class or function under a package, where its name is no longer that of Keras."""

from __future__ import annotations

from kept.findings import Finding
from kept.fixing.registration import register
from kept.fixing.source import Source

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    register(source, finding)
