"""Lets `get_config` return the name of the object instead of a constant."""

from __future__ import annotations

from functools import partial

from kept.findings import Finding
from kept.fixing import configs, methods
from kept.fixing.source import Source

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    node = source.class_node(model)
    if model.own_config is not None and model.own_config.from_base:
        change = partial(configs.without_entries, keys=["name"])
    else:
        own = model.own_config.node.args.args[0].arg if model.own_config else "self"
        change = partial(configs.revalued, values={"name": f"{own}.name"}, style=source.style)
    source.replace(node, methods.changed(node, "get_config", change))
