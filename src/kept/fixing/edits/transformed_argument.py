"""Stores the argument as it was given in an attribute of its own, and returns that."""

from __future__ import annotations

import ast

from kept.findings import Finding
from kept.fixing.arguments import plans, with_plans
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel
from kept.source.constructor import How

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    keys = _transformed(model)
    if not keys:
        raise Unmendable("what becomes of the argument cannot be told")
    source.replace(source.class_node(model), with_plans(source, model, plans(source, model, keys)))


def _transformed(model: ClassModel) -> list[str]:
    """Keys under which an attribute is returned that holds something made of the argument of that name."""
    found = []
    for key, entry in model.own_config.entries.items() if model.own_config else ():
        attributes = {node.attr for node in ast.walk(entry.value) if isinstance(node, ast.Attribute)}
        for _, constructor in model.constructors:
            made = [one for one in constructor.attributes_of(key) if one.attribute in attributes]
            if made and all(one.origin.how is How.DERIVED for one in made):
                found.append(key)
    return list(dict.fromkeys(found))
