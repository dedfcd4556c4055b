"""Writes a `build` that builds the layers which `call` uses, or completes the one that is there."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing import methods, statements
from kept.fixing.shapes import build_lines
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    model = source.owner(finding)
    call = model.methods.get("call")
    if call is None:
        raise Unmendable("it has no call of its own")
    node = source.class_node(model)
    own = model.methods.get("build")
    if own is None:
        lines = build_lines(model, call, "input_shape")
        body = "".join(f"    {line}\n".replace("\n    ", "\n        ") for line in lines)
        source.replace(node, methods.with_method(node, f"def build(self, input_shape):\n{body}", source.style))
        return
    if len(own.args.args) != 2:
        raise Unmendable("its build takes more than one shape")
    lines = build_lines(model, call, own.args.args[1].arg, _built(model))
    if not any(".build(" in one for one in lines):
        raise Unmendable("its build builds them")

    def completed(function: cst.FunctionDef) -> cst.FunctionDef:
        body = function.body
        for line in lines:
            body = statements.inserted(body, len(body.body), line, source.style)
        return function.with_changes(body=body)

    source.replace(node, methods.changed(node, "build", completed))


def _built(model: ClassModel) -> frozenset[str]:
    """Attributes that its `build` names."""
    own = model.methods["build"]
    return frozenset(one.attr for one in ast.walk(own) if isinstance(one, ast.Attribute))
