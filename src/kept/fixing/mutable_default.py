"""Makes None the default, and what it was a new object for each call."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Applicability, Finding
from kept.fixing import signatures
from kept.fixing.source import Source, Unmendable
from kept.source.module import Function

__all__ = ["APPLICABILITY", "mend"]

APPLICABILITY = Applicability.SAFE


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    function, name, default = _found(source, finding)
    written = source.text(default)
    line = f"{name} = {written} if {name} is None else {name}"
    node = source.node(function, cst.FunctionDef)
    changed = signatures.as_default(node, name, cst.Name("None"))
    source.replace(node, signatures.stored(changed, line, source.style, first=True))


def _found(source: Source, finding: Finding) -> tuple[Function, str, ast.expr]:
    """The function, the parameter and the default that a finding points at."""
    place = (finding.location.line, finding.location.column)
    for function in source.module.functions:
        spec = function.args
        plain = [*spec.posonlyargs, *spec.args]
        pairs = [*zip(plain[len(plain) - len(spec.defaults) :], spec.defaults, strict=True)]
        pairs += [(one, value) for one, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if value]
        for one, default in pairs:
            if place in (source.module.span(one)[:2], source.module.span(default)[:2]):
                return function, one.arg, default
    raise Unmendable("no default stands there")
