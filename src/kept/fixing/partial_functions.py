"""A function with a name in the place of `functools.partial(...)`."""

from __future__ import annotations

import ast

import libcst as cst

from kept.fixing.registration import decorator
from kept.fixing.scopes import fresh_name
from kept.fixing.source import Source, Unmendable

__all__ = ["name_partial"]


def name_partial(source: Source, call: ast.Call) -> None:
    """Defines a registered function that gives the same arguments, all of them constants."""
    target = call.args[0] if call.args else None
    module = source.module
    function = next(
        (one for one in module.functions if isinstance(target, ast.Name) and one.name == target.id), None
    )  # fmt: skip
    constant = all(one.arg and _is_constant(one.value) for one in call.keywords)
    if function is None or len(call.args) != 1 or not constant or function not in module.tree.body:
        raise Unmendable("it is made of more than a function of this file and constants")
    given = [one.arg for one in call.keywords if one.arg]
    taken = [one.arg for one in (*function.args.posonlyargs, *function.args.args) if one.arg not in given][:2]
    name = fresh_name(module, f"{function.name}_with_{'_'.join(given)}" if given else function.name)
    passed = ", ".join([*taken, *(f"{one.arg}={source.text(one.value)}" for one in call.keywords)])
    head = f"@{decorator(module, source.imports)}\ndef {name}({', '.join(taken)}):\n"
    source.define(call, [source.style.statement(f"{head}    return {function.name}({passed})\n")])
    source.replace(source.node(call, cst.Call), cst.Name(name))


def _is_constant(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True
