"""Serialises an object in `get_config` and makes it again in `from_config`."""

from __future__ import annotations

import ast

from kept.findings import Finding
from kept.fixing.arguments import entry_at, plan, with_plans, with_revival
from kept.fixing.source import Source
from kept.source.evidence import Sort

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    name = entry_at(source, model, finding)
    found = plan(source, model, name, Sort.OBJECT)
    entry = model.entry(name)
    node = source.class_node(model)
    if entry is not None and "serialize" in ast.unparse(entry[1]):
        source.replace(node, with_revival(source, model, node, {name: found.revived}))
    else:
        source.replace(node, with_plans(source, model, {name: found}))
