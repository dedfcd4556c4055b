"""Whether a loaded model, whose code may have changed, still computes what its file records."""

from __future__ import annotations

from typing import Any

from ..errors import MismatchError
from ..proof import Outcome
from .closeness import outputs_against_sample, tolerance
from .recipe import Unanswerable, recorded_inputs
from .record import Record, versions
from .trial import device, outputs, precision
from .undisturbed import undisturbed
from .walk import walk

__all__ = ["check_outputs"]


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
