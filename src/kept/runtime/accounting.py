"""Accounting for every tensor and every variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import (
    Problem,
)
from ..formats.artifact import Artifact
from .causes import cause_of
from .entries import inner_path
from .record import Record
from .state_seams import Collected

__all__ = ["COMPILE_OWNED", "damaged", "refused", "unaccounted"]

COMPILE_OWNED = ("optimizer", "_compile_loss", "_compile_metrics", "_loss_tracker", "loss")


def refused(saveable: Any, error: Exception) -> Problem:
    """An object of the model that did not take its tensors."""
    name = getattr(saveable, "name", type(saveable).__name__)
    return Problem(f"{type(saveable).__name__} {name!r} refuses its tensors", "", found=cause_of(error))


def unaccounted(collected: Collected, entries: Mapping[str, Any], *, compiled: bool) -> list[Problem]:
    """Tensors that no part of the model takes, and variables for which there is no tensor."""
    wanted = {(path, key) for path, entry in collected.entries.items() for key in entry}
    present = {(path, key) for path, entry in entries.items() for key in entry}
    problems = []
    for path, key in sorted(present - wanted):
        if not compiled and path.partition("/")[0] in COMPILE_OWNED:
            continue
        problems.append(Problem("the model has no variable for this tensor", inner_path(path, key)))
    for path, key in sorted(wanted - present):
        if path.partition("/")[0] in COMPILE_OWNED:
            continue
        problems.append(Problem("the file has no tensor for this variable", inner_path(path, key)))
    return problems


def damaged(artifact: Artifact, record: Record | None) -> list[Problem]:
    """Tensors whose bytes are not those that were written."""
    problems = []
    for name, told in (record.tensors if record else {}).items():
        tensor = artifact.tensors.get(name)
        if tensor is None:
            problems.append(Problem("the tensor is not in the file any more", name))
        elif (found := tensor.checksum()) != told["checksum"]:
            problems.append(Problem("the tensor is damaged", name, expected=told["checksum"], found=found))
    return problems
