"""What a save has to tell: its fingerprint, its repairs, and why plain Keras could not have loaded the file."""

from __future__ import annotations

import os
from typing import Any

from ..proof import Repair
from .closeness import described_outputs
from .compare import Difference, Kind
from .draft import Draft
from .snapshot import Snapshot
from .trial import device
from .tryout import Trial

__all__ = ["fingerprint_of", "repairs_of", "stock_reasons"]


def fingerprint_of(snapshot: Snapshot, tried: Trial) -> dict[str, Any]:
    """What is compared when the file is verified later, anywhere."""
    inputs = {"args": tried.recipe.args, "kwargs": tried.recipe.kwargs} if tried.recipe else None
    return {
        "snapshot": snapshot.to_dict(),
        "device": device(),
        "inputs": inputs,
        "outputs": described_outputs(tried.outputs) if tried.outputs is not None else None,
        "reason": tried.reason,
    }


def repairs_of(mended: list[Difference]) -> tuple[Repair, ...]:
    """What was put back after plain loading, in words, with the edit that makes it unnecessary."""
    policy = "built under the dtype policy that was in force, not the one at the time of the save"
    said = {
        Kind.VALUE: ("its value is kept as extra state", ""),
        Kind.FLAG: ("its flag {name} is kept as extra state", ""),
        Kind.ATTRIBUTE: ("{name} changed after construction; kept as extra state", "return {name} from get_config"),
    }
    repairs = []
    for one in mended:
        what, edit = (policy, "pass dtype= to it") if one.name == "dtype" else said[one.kind]
        repairs.append(Repair(one.path, what.format(name=one.name), edit.format(name=one.name)))
    return tuple(dict.fromkeys(repairs))


def stock_reasons(draft: Draft) -> tuple[str, ...]:
    """Why plain Keras could not load the file in a process that has not imported the script."""
    return tuple(
        f"{_seen_from_here(one.defined)} {one.name} is not registered"
        for one in draft.record.objects
        if ">" not in one.registered_name and one.reference is not None
    )


def _seen_from_here(place: str) -> str:
    """A file below the current folder by its relative path."""
    here = os.path.join(os.getcwd(), "")
    return place.removeprefix(here)
