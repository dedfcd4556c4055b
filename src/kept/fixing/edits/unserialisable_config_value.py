"""Writes a value that JSON cannot hold in a form that it can, and makes it again from that form."""

from __future__ import annotations

from functools import partial

import libcst as cst

from kept.findings import Finding
from kept.fixing import methods, statements
from kept.fixing.arguments import Plan, plan, with_plans
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel
from kept.source.values import config_values

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    place = (finding.location.line, finding.location.column)
    value = next((one for one in config_values(model) if source.module.span(one.node)[:2] == place), None)
    if value is None:
        raise Unmendable("what is in the config there cannot be told")
    found = plan(source, model, value.key, value.sort)
    if model.own_config is None and found.converted is not None and not found.revived:
        _convert(source, model, found)
    else:
        source.replace(source.class_node(model), with_plans(source, model, {value.key: found}))


def _convert(source: Source, model: ClassModel, found: Plan) -> None:
    """Changes `__init__` alone: Keras writes the config by itself."""
    assert found.converted is not None
    old, new = found.converted
    changes: dict[cst.CSTNode, cst.CSTNode] = {source.expression(old): source.style.expression(new)}
    node = source.class_node(model)
    change = partial(statements.all_replaced, changes=changes)
    source.replace(node, methods.changed(node, "__init__", change))
