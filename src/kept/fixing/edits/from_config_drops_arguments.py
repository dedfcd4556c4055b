"""Hands the whole config to the constructor."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    node = model.methods.get("from_config")
    names = [one.arg for one in node.args.args] if node else []
    if node is None or len(names) < 2:
        raise Unmendable("its from_config is that of another class")
    calls = [
        one for one in ast.walk(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in (names[0], model.name)
    ]  # fmt: skip
    if len(calls) != 1 or any(one.arg is None for one in calls[0].keywords):
        raise Unmendable("it is made in a way that is not understood")
    others = _others(source, model, calls[0], names[1])
    whole = f"{{**{names[1]}, {', '.join(others)}}}" if others else names[1]
    call = source.node(calls[0], cst.Call)
    source.replace(call, source.style.expression(f"{source.text(calls[0].func)}(**{whole})"))


def _others(source: Source, model: ClassModel, call: ast.Call, config: str) -> list[str]:
    """Entries for the arguments that are not simply those of the config."""
    constructor = model.initialiser
    positional = [one.name for one in constructor.parameters] if constructor else []
    given = list(zip(positional, call.args, strict=False))
    given += [(one.arg, one.value) for one in call.keywords if one.arg]
    return [f'"{name}": {source.text(value)}' for name, value in given if not _is_item(value, config, name)]


def _is_item(node: ast.expr, config: str, key: str) -> bool:
    """Whether an expression is `config["key"]`, or `config.get("key")`."""
    if isinstance(node, ast.Subscript):
        owner, item = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        owner, item = node.func.value, node.args[0]
    else:
        return False
    return (
        isinstance(owner, ast.Name) and owner.id == config and isinstance(item, ast.Constant) and item.value == key
    )  # fmt: skip
