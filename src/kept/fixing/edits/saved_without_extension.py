"""Gives the path of a saved model the ending that Keras asks for."""

from __future__ import annotations

from kept.findings import Finding
from kept.fixing.calls import argument, call_at
from kept.fixing.paths import with_ending
from kept.fixing.source import Source, Unmendable
from kept.source.names import last_part

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    call = call_at(source, finding, "save", "save_model")
    is_function = last_part(call.func) == "save_model"
    path = argument(call, int(is_function), "filepath")
    if path is None or "BytesIO" in source.text(path):
        raise Unmendable("what is given is no path")
    source.replace(source.expression(path), source.style.expression(with_ending(source, path, ".keras")))
