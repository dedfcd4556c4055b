"""Writes a `get_config` that returns what an attribute is when the model is saved."""

from __future__ import annotations

import ast

from kept.findings import Finding
from kept.fixing.arguments import plans, unreturned, with_plans
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    target = source.at(finding, ast.Attribute, ast.Call)
    found = [one for one in source.module.classes if one.name == finding.kind]
    if not isinstance(target, ast.Attribute) or len(found) != 1 or found[0].own_config is not None:
        raise Unmendable("it is for a person to mend")
    model = found[0]
    held = {
        stored.attribute for _, one in model.constructors for name in one.named for stored in one.attributes_of(name)
    }
    if target.attr not in held:
        raise Unmendable("it is for a person to mend")
    source.replace(source.class_node(model), with_plans(source, model, plans(source, model, unreturned(model))))
