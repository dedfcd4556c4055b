"""Returns the config that `get_config` has made, with the arguments that it leaves out."""

from __future__ import annotations

from functools import partial

from kept.findings import Finding
from kept.fixing import configs, methods
from kept.fixing.arguments import plans, unreturned, with_plans
from kept.fixing.source import Source

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    found = plans(source, model, unreturned(model))
    node = with_plans(source, model, found)
    source.replace(
        source.class_node(model), methods.changed(node, "get_config", partial(configs.returning, style=source.style))
    )
