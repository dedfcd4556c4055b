"""Accounting for every tensor and every variable, and for what the model computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import (
    MismatchError,
    Problem,
)
from ..formats.artifact import Artifact
from ..proof import Outcome
from .causes import cause_of
from .closeness import outputs_against_sample, tolerance
from .entries import inner_path
from .recipe import Unanswerable, recorded_inputs
from .record import Record, versions
from .state_seams import Collected
from .trial import device, outputs, precision
from .undisturbed import undisturbed
from .walk import walk

__all__ = ["COMPILE_OWNED", "check_outputs", "damaged", "refused", "unaccounted"]

COMPILE_OWNED = ("optimizer", "_compile_loss", "_compile_metrics", "_loss_tracker", "loss")


def check_outputs(model: Any, record: Record) -> None:
    """Code may have changed since the save: the inputs of the fingerprint must still give its outputs.

    Raises:
        MismatchError: They do not.
    """
    fingerprint = record.fingerprint or {}
    recipe, described = fingerprint.get("inputs"), fingerprint.get("outputs")
    if not recipe or described is None:
        return
    args, kwargs = recorded_inputs(recipe)
    with undisturbed(model, list(walk(model))):
        try:
            results = outputs(model, args, kwargs)
        except Unanswerable as reason:
            raise MismatchError("the model cannot be called as when it was saved", found=str(reason)) from reason
    same_stack = record.made_by == versions()
    near = tolerance(str(fingerprint.get("device")), device(), precision(model), recorded=True, same_stack=same_stack)
    outcome, note = outputs_against_sample(described, results, near)
    if outcome is Outcome.DIFFERENT:
        raise MismatchError(
            "the code of the model computes something else than when it was saved",
            expected="the outputs that the file records",
            found=note,
            hint="kept.load(path, check=False) loads it all the same",
        )


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
