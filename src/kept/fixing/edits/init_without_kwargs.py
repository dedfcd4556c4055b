"""Lets `__init__` take `**kwargs` and hand them on to `super().__init__`."""

from __future__ import annotations

from functools import partial

from kept.findings import Finding
from kept.fixing import methods
from kept.fixing.signatures import open_to_base
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    if model.constructor is None:
        raise Unmendable("its constructor is that of another class")
    node = source.class_node(model)
    source.replace(node, methods.changed(node, "__init__", partial(open_to_base, source=source)))
