"""Keys of a config with which the constructor cannot do anything."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass

from kept.source.arguments import GENERAL, GRAPHS, Taking, automatic_keys, changes_config, takes
from kept.source.attributes import missing_attributes
from kept.source.classes import ClassModel
from kept.source.uses import once, own
from kept.source.walking import nodes

__all__ = ["WrongKey", "arguments_in", "inherited_keys", "wrong_keys"]


@dataclass(frozen=True, slots=True)
class WrongKey:
    """A key that a class adds to the config, and that its constructor does not take.

    Attributes:
        key: The key.
        node: Where it stands.
        taking: What the constructor does with it.
        argument: The argument whose value it is; empty where it is no argument's.
        is_missing: Whether its value is an attribute that nothing sets, so that it is never written.
    """

    key: str
    node: ast.expr
    taking: Taking
    argument: str = ""
    is_missing: bool = False


@once
def wrong_keys(one: ClassModel) -> list[WrongKey]:
    """Keys of the `get_config` of a class itself that are refused, or swallowed while an argument is lost."""
    config = one.own_config
    if config is None or config.opaque or not one.constructors or changes_config(one):
        return []
    if one.keras is not None and one.keras.path in GRAPHS:
        return []
    named = one.constructors[0][1].named
    found = []
    for key, entry in config.entries.items():
        taking = takes(one, key)
        if entry.conditional or taking in (Taking.NAMED, Taking.UNKNOWN):
            continue
        meant = [
            name for name in sorted(arguments_in(one, entry.value)) if name in named and name not in config.entries
        ]
        if taking is not Taking.SWALLOWED or meant:
            alike = difflib.get_close_matches(key, set(named) - set(config.entries), n=1, cutoff=0.7)
            argument = (meant if len(meant) == 1 else [*alike, ""])[0]
            is_missing = own(entry.value) in missing_attributes(one)
            found.append(WrongKey(key, entry.node, taking, argument, is_missing))
    return found


def arguments_in(one: ClassModel, node: ast.expr) -> frozenset[str]:
    """Arguments of the constructor that are in the attributes that an expression reads."""
    read = {each.attr for each in nodes(node) if isinstance(each, ast.Attribute)}
    return frozenset(
        name
        for _, constructor in one.constructors[:1]
        for stored in constructor.stored
        if stored.attribute in read
        for name in stored.origin.names
    )


@once
def inherited_keys(one: ClassModel) -> dict[str, Taking]:
    """Keys that the config of a class has from its base, with what the constructor does with each of them."""
    if not one.constructors or changes_config(one) or one.keras is None:
        return {}
    if one.keras.path == GRAPHS[0] or one.keras.path.startswith("keras.losses.LossFunctionWrapper"):
        return {}
    own = set(one.own_config.entries) if one.own_config is not None else set()
    keys = sorted(_keys(one) - own, key=lambda key: (GENERAL.index(key) if key in GENERAL else len(GENERAL), key))
    return {key: takes(one, key) for key in keys}


def _keys(one: ClassModel) -> frozenset[str]:
    if not one.is_automatic and one.keras is not None and one.keras.path not in GRAPHS:
        return one.config_keys or frozenset()
    return automatic_keys(one) & set(GENERAL)
