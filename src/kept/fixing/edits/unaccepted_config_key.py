"""Gives a key of the config the name of the argument that it holds; a key that is no argument is left out."""

from __future__ import annotations

import ast
from functools import partial

from kept.findings import Finding
from kept.fixing import configs, methods
from kept.fixing.arguments import entry_at
from kept.fixing.source import Source
from kept.source.classes import ClassModel

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    key = entry_at(source, model, finding)
    name = _argument(model, key)
    taken = model.own_config.entries if model.own_config else {}
    if name is not None and name not in taken:
        change = partial(configs.renamed, old=key, new=name)
    else:
        change = partial(configs.without_entries, keys=[key])
    source.replace(source.class_node(model), methods.changed(source.class_node(model), "get_config", change))


def _argument(model: ClassModel, key: str) -> str | None:
    """The argument whose attribute is the value of the key."""
    entry = model.entry(key)
    if entry is None or not isinstance(entry[1], ast.Attribute):
        return None
    for _, constructor in model.constructors:
        for stored in constructor.holds(entry[1].attr):
            if len(stored.origin.names) == 1:
                (name,) = stored.origin.names
                return name if name in constructor.named else None
    return None
