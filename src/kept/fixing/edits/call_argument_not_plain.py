"""Gives a layer the value of a member of an Enum, of which its `call` makes the member again."""

from __future__ import annotations

import ast
from functools import partial

import libcst as cst

from kept.findings import Finding
from kept.fixing import methods, signatures
from kept.fixing.calls import call_at
from kept.fixing.source import Source, Unmendable
from kept.source.classes import ClassModel
from kept.source.instances import object_class

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    call = call_at(source, finding)
    given = next(
        (one for one in call.keywords if one.lineno == finding.location.line and _is_member(source, one)), None
    )
    made = object_class(source.module, call.func)
    if given is None or not isinstance(given.value, ast.Attribute) or given.arg is None:
        raise Unmendable("what it is given is no member of an Enum")
    if not isinstance(made, ClassModel) or made.module is not source.module or "call" not in made.methods:
        raise Unmendable("its call stands in another file")
    own = made.methods["call"].args
    if given.arg not in [one.arg for one in (*own.args, *own.kwonlyargs)]:
        raise Unmendable(f"its call has no parameter {given.arg}")
    node = source.class_node(made)
    enum = source.text(given.value.value)
    line = f"{given.arg} = {enum}({given.arg})"
    member = source.node(given.value, cst.Attribute)
    source.replace(member, cst.Attribute(member, cst.Name("value")))
    if line not in ast.unparse(made.methods["call"]):
        change = partial(signatures.stored, text=line, style=source.style, first=True)
        source.replace(node, methods.changed(node, "call", change))


def _is_member(source: Source, given: ast.keyword) -> bool:
    """Whether a value is a member of an Enum."""
    known = source.module.class_of(given.value.value) if isinstance(given.value, ast.Attribute) else None
    return isinstance(known, ClassModel)
