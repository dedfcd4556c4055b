"""Holds the argument in the attribute that `get_config` reads."""

from __future__ import annotations

import ast
from functools import partial

from kept.findings import Finding
from kept.fixing import methods, signatures
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    node = source.at(finding, ast.Attribute)
    constructor = model.constructor
    if constructor is None or not isinstance(node, ast.Attribute) or node.attr not in constructor.named:
        raise Unmendable("no argument of the constructor has that name")
    line = f"{constructor.own_name}.{node.attr} = {node.attr}"
    owner = source.class_node(model)
    change = partial(signatures.stored, text=line, style=source.style)
    source.replace(owner, methods.changed(owner, "__init__", change))
