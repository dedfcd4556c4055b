"""Classes that need a `get_config` of their own, and why."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum

from kept.source.arguments import GRAPHS, Lost, Taking, is_functional, lost_arguments, popped_arguments
from kept.source.classes import ClassModel
from kept.source.evidence import Evidence, Sort, of_argument
from kept.source.keys import inherited_keys
from kept.source.kinds import Kind, ParameterKind
from kept.source.uses import once
from kept.source.walking import nodes

__all__ = ["Missing", "Why", "missing_config"]


class Why(str, Enum):
    """What becomes of a class without its own `get_config`.

    REFUSES: that of its base raises. NOT_PLAIN: Keras writes plain arguments only. UNSEEN: Keras does not see the
    arguments of a model. INHERITED: that of its base does not know all arguments. REPEATED: its layers are added
    twice.
    """

    REFUSES = "refuses"
    NOT_PLAIN = "not plain"
    UNSEEN = "unseen"
    INHERITED = "inherited"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a class needs a `get_config`.

    Attributes:
        why: The reason.
        lost: Arguments that do not come back.
        evidence: Why the first of them is not plain.
        refused: What loading says of a key that the constructor does not take; empty where there is none.
        is_graph: Whether it is a model made of inputs and outputs.
    """

    why: Why
    lost: tuple[Lost, ...] = ()
    evidence: Evidence | None = None
    refused: str = ""
    is_graph: bool = False


@once
def missing_config(one: ClassModel) -> Missing | None:
    """Why a class that ends up in models needs a `get_config`; None where it has one or needs none."""
    if one.keras is None or "get_config" in one.methods or "get_config" in one.assigned:
        return None
    owner = one.defines("get_config")
    if owner is not None:
        return _beside(one, owner)
    if one.keras.refuses_config:
        return Missing(Why.REFUSES)
    if not one.constructors:
        return None
    if one.keras.path == "keras.Sequential":
        return _repeated(one)
    if one.kind is Kind.MODEL and (one.keras.is_automatic or one.keras.path in GRAPHS):
        return _unseen(one)
    if one.keras.is_automatic:
        return _not_plain(one)
    keys = one.config_keys
    lost = lost_arguments(one, keys) if keys is not None else []
    return Missing(Why.INHERITED, tuple(lost), refused=_refused(one)) if lost else None


def _beside(one: ClassModel, owner: ClassModel) -> Missing | None:
    """A class whose ancestor in source has a `get_config`, and that has a constructor of its own."""
    keys = one.config_keys
    maker = one.constructors[0][0] if one.constructors else owner
    if keys is None or maker is owner or maker in owner.ancestors:
        return None
    lost = lost_arguments(one, keys)
    return Missing(Why.INHERITED, tuple(lost), refused=_refused(one)) if lost else None


def _unseen(one: ClassModel) -> Missing | None:
    constructor = one.constructors[0][1]
    placed = [each.name for each in constructor.parameters if each.kind is ParameterKind.POSITIONAL]
    only_keyword = [each for each in constructor.parameters if each.kind is ParameterKind.KEYWORD]
    if placed == ["inputs", "outputs", "name"] and not only_keyword:
        return None
    none: frozenset[str] = frozenset()
    lost = [*lost_arguments(one, none, is_read=False), *popped_arguments(one, none)]
    return (
        Missing(
            Why.UNSEEN,
            tuple(lost),
            refused=_refused(one),
            is_graph=is_functional(one),
        )
        if lost
        else None
    )


def _refused(one: ClassModel) -> str:
    """What loading says of the first key that Keras gives and the constructor does not take; empty without one."""
    for key, taking in inherited_keys(one).items():
        if taking is Taking.REFUSED:
            return f"unexpected keyword argument {key}"
        if taking is Taking.TWICE:
            return f"multiple values for {key}"
    return ""


def _not_plain(one: ClassModel) -> Missing | None:
    constructor = one.constructors[0][1]
    if any(each.kind is ParameterKind.POSITIONAL_ONLY for each in constructor.parameters):
        return None
    for name, parameter in constructor.named.items():
        evidence = of_argument(one, parameter)
        if evidence is not None and evidence.sort not in (Sort.INT_KEYS, Sort.TUPLE):
            return Missing(Why.NOT_PLAIN, (Lost(name, parameter.node, parameter.default is None),), evidence)
    return None


def _repeated(one: ClassModel) -> Missing | None:
    """`Sequential.from_config` calls the class with a name alone, and adds the layers of the config."""
    owner, constructor = one.constructors[0]
    if one.defines("from_config") is not None:
        return None
    required = [Lost(each.name, each.node, True) for each in constructor.named.values() if each.default is None]
    if required:
        return Missing(Why.REPEATED, tuple(required))
    call = constructor.super_call
    given = call is not None and (bool(call.positional) or "layers" in call.keywords)
    adds = any(_is_add(node, constructor.own_name) for node in nodes(constructor.node))
    return Missing(Why.REPEATED) if (given and owner is one) or adds else None


def _is_add(node: ast.AST, own_name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add"
        and ast.unparse(node.func.value) in (own_name, "super()")
    )
