"""Makes a registered function of a lambda."""

from __future__ import annotations

import ast
import re

import libcst as cst

from kept.findings import Finding
from kept.fixing.registration import decorator
from kept.fixing.scopes import closed_over, fresh_name
from kept.fixing.source import Source, Unmendable
from kept.source.names import last_part

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    found = _lambda_at(source, finding)
    closed = closed_over(source.module, found)
    if closed:
        raise Unmendable(f"it uses {', '.join(sorted(closed))} of the function around it")
    node = source.node(found, cst.Lambda)
    name = fresh_name(source.module, _name(source, found))
    code = cst.Module([]).code_for_node
    body = code(node.body)
    body = f"({body})" if "\n" in body and not body.startswith("(") else body
    text = f"@{decorator(source.module, source.imports)}\ndef {name}({code(node.params).strip()}):\n    return {body}\n"
    source.define(found, [source.style.statement(text)])
    source.replace(node, cst.Name(name))


def _lambda_at(source: Source, finding: Finding) -> ast.Lambda:
    place = finding.location
    every = [node for node in ast.walk(source.module.tree) if isinstance(node, ast.Lambda)]
    for node in every:
        if source.module.span(node)[:2] == (place.line, place.column):
            return node
    on_line = [node for node in every if node.lineno == place.line]
    if not on_line:
        raise Unmendable("no lambda stands there")
    return on_line[0]


def _name(source: Source, node: ast.Lambda) -> str:
    """What the function is for: the name of the layer, the keyword it is given as, or what it is given to."""
    above = source.module.parent(node)
    if isinstance(above, ast.keyword) and above.arg:
        return above.arg if above.arg != "function" else "layer_function"
    if isinstance(above, ast.Call):
        named = [one.value for one in above.keywords if one.arg == "name"]
        if named and isinstance(named[0], ast.Constant) and isinstance(named[0].value, str):
            return re.sub(r"\W", "_", named[0].value)
        called = last_part(above.func)
        return f"{called.lower()}_function"
    if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name):
        return f"{above.targets[0].id}_function"
    return "named_function"
