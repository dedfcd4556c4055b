"""Leaves `safe_mode=False` out."""

from __future__ import annotations

import libcst as cst

from kept.findings import Finding
from kept.fixing.calls import call_at, without_keyword
from kept.fixing.source import Source, Unmendable

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    call = call_at(source, finding)
    if not any(one.arg == "safe_mode" for one in call.keywords):
        raise Unmendable("what it allows may be needed")
    node = source.node(call, cst.Call)
    source.replace(node, without_keyword(node, "safe_mode"))
