"""Decorates `from_config` as a class method."""

from __future__ import annotations

import libcst as cst

from kept.findings import Finding
from kept.fixing import methods
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    node = source.class_node(model)
    if methods.method(node, "from_config") is None:
        raise Unmendable("its from_config is that of another class")
    decorator = cst.Decorator(cst.Name("classmethod"))
    source.replace(node, methods.changed(node, "from_config", lambda one: one.with_changes(decorators=[decorator])))
