"""Starts `get_config` from the config of the base class, whose keys the constructor then takes in `**kwargs`."""

from __future__ import annotations

from functools import partial

from kept.findings import Finding
from kept.fixing import configs, methods
from kept.fixing.signatures import open_to_base
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    config = model.own_config
    if config is None or model.keras is None or model.keras.config_keys is None:
        raise Unmendable("what its base class returns cannot be told")
    brought = [key for key in config.entries if key in model.keras.config_keys and key not in _arguments(model)]
    node = source.class_node(model)
    node = methods.changed(node, "get_config", partial(configs.with_base, dropped=brought, style=source.style))
    if model.constructor is not None and model.accepts("name") is False:
        node = methods.changed(node, "__init__", partial(open_to_base, source=source))
    source.replace(source.class_node(model), node)


def _arguments(model: object) -> set[str]:
    constructor = getattr(model, "constructor", None)
    return set(constructor.named) - {"name", "trainable", "dtype"} if constructor else set()
