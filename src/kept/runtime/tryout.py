"""What the live model does when it is tried, while it stays as it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..proof import Level
from . import trial
from .draft import Draft
from .recipe import Recipe, Unanswerable, recipes
from .snapshot import take
from .undisturbed import undisturbed

__all__ = ["Trial", "repeatable", "try_out"]


@dataclass(slots=True)
class Trial:
    """What the live model did when it was tried.

    Attributes:
        args: Positional argument of the call, as arrays.
        kwargs: Keyword arguments.
        recipe: How the inputs were made; None when the caller gave them.
        outputs: Flattened outputs; None when there are none to compare.
        reason: Why outputs are not compared.
        logs: Logs of one training step; None when none was tried.
        trained: Digest of each variable after the step, by object path.
        step_reason: Why no step was tried.
        targets: Given by the caller.
    """

    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = None
    outputs: list[np.ndarray] | None = None
    reason: str = ""
    logs: dict[str, float] | None = None
    trained: dict[str, str] = field(default_factory=dict)
    step_reason: str = ""
    targets: Any = None


def try_out(draft: Draft, level: Level, inputs: Any = None, targets: Any = None) -> Trial:
    """Runs the live model, and leaves it as it was.

    Args:
        draft: The model.
        level: `outputs` calls it, `resume` also trains one step.
        inputs: First argument of the call; made from the model's input spec when None.
        targets: For the step; made from the shapes of the outputs when None.
    """
    result = Trial(targets=targets)
    if not level.includes(Level.OUTPUTS):
        result.reason = f"the level is {level.value}"
        return result
    if draft.rounding is not None:
        result.reason = result.step_reason = draft.rounding.note
        return result
    resume = level.includes(Level.RESUME)
    with undisturbed(draft.model, draft.places, trained=resume):
        try:
            _call(draft.model, result, inputs)
        except Unanswerable as reason:
            result.reason = result.step_reason = str(reason)
            return result
        if resume:
            try:
                result.logs = trial.step(draft.model, result.args, result.kwargs, targets)
                result.trained = {path: one.digest for path, one in take(draft.model).variables.items()}
            except Unanswerable as reason:
                result.step_reason = str(reason)
    return result


def _call(model: Any, result: Trial, inputs: Any) -> None:
    if inputs is not None:
        result.args = [inputs]
        result.outputs = trial.outputs(model, result.args, {})
        return
    reason: Unanswerable | None = None
    for recipe in recipes(model):
        args, kwargs = recipe.make()
        try:
            result.outputs = trial.outputs(model, args, kwargs)
        except Unanswerable as error:
            reason = reason or error
            continue
        result.args, result.kwargs, result.recipe = args, kwargs, recipe
        return
    raise reason or Unanswerable("no inputs could be made")


def repeatable(draft: Draft, tried: Trial) -> bool:
    """Whether the live model itself gives the same outputs twice."""
    with undisturbed(draft.model, draft.places):
        again = trial.outputs(draft.model, tried.args, tried.kwargs)
    return all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(tried.outputs or [], again, strict=True)
    )
