"""Leaves `save_format=` out and gives the path the ending that says the same."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing import statements
from kept.fixing.calls import argument, call_at, without_keyword
from kept.fixing.paths import with_ending
from kept.fixing.source import Source, Unmendable
from kept.source.names import last_part

__all__ = ["mend"]


_ENDINGS = {"tf": ".keras", "keras": ".keras", "h5": ".h5", "hdf5": ".h5"}


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    call = call_at(source, finding, "save", "save_model", "save_weights")
    form = next((one.value for one in call.keywords if one.arg == "save_format"), None)
    if not (isinstance(form, ast.Constant) and form.value in _ENDINGS):
        raise Unmendable("save_format is not written out")
    is_function = last_part(call.func) == "save_model"
    path = argument(call, int(is_function), "filepath")
    if path is None:
        raise Unmendable("no path is given")
    ending = ".weights.h5" if getattr(call.func, "attr", "") == "save_weights" else _ENDINGS[str(form.value)]
    node = source.node(call, cst.Call)
    text = with_ending(source, path, ending)
    if text != source.text(path):
        written = source.style.expression(text)
        node = statements.all_replaced(node, {source.expression(path): written})
    source.replace(source.node(call, cst.Call), without_keyword(node, "save_format"))
