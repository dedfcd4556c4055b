"""Makes an argument of what `__init__` reads, and returns it in `get_config`."""

from __future__ import annotations

import ast
from functools import partial

import libcst as cst

from kept.findings import Finding
from kept.fixing import methods, signatures
from kept.fixing.arguments import Plan, plans, unreturned, with_plans
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    found = source.at(finding, ast.Assign)
    constructor = model.constructor
    target = found.targets[0] if isinstance(found, ast.Assign) else None
    if constructor is None or not isinstance(found, ast.Assign) or not isinstance(target, ast.Attribute):
        raise Unmendable("its constructor is that of another class")
    name = target.attr
    if name.startswith("_") or name in {one.name for one in constructor.parameters}:
        raise Unmendable(f"{name} cannot be the name of an argument")
    if constructor.varargs or (model.own_config is not None and model.own_config.opaque):
        raise Unmendable("what get_config returns cannot be told")
    value = f"{source.text(found.value)} if {name} is None else {name}"
    added = {name: Plan(f"{constructor.own_name}.{name}", converted=(found.value, value))}
    node = with_plans(source, model, plans(source, model, unreturned(model)) | added)
    change = partial(signatures.with_parameter, name=name, default=cst.Name("None"), style=source.style)
    source.replace(source.class_node(model), methods.changed(node, "__init__", change))
