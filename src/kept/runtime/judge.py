"""Comparing a live model with what a fresh process read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import Problem, VerificationError
from ..proof import Level, Outcome
from . import trial, wire
from .compare import Difference, Kind, config_differences, differences
from .draft import Draft
from .prover import Prover
from .snapshot import Snapshot, take
from .undisturbed import undisturbed
from .values import NotEncodable, array_digest

__all__ = [
    "ACROSS_DEVICES",
    "LAST_BIT",
    "Trial",
    "Verdict",
    "described_outputs",
    "judge",
    "not_loaded",
    "outputs_against_sample",
    "outputs_verdict",
    "repeatable",
    "try_out",
]

LAST_BIT = 1e-6
ACROSS_DEVICES = 1e-3
_SAMPLE_COUNT = 256


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
    recipe: trial.Recipe | None = None
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
    resume = level.includes(Level.RESUME)
    with undisturbed(draft.model, draft.places, trained=resume):
        try:
            _call(draft.model, result, inputs)
        except trial.Unanswerable as reason:
            result.reason = result.step_reason = str(reason)
            return result
        if resume:
            try:
                result.logs = trial.step(draft.model, result.args, result.kwargs, targets)
                result.trained = {path: one.digest for path, one in take(draft.model).variables.items()}
            except trial.Unanswerable as reason:
                result.step_reason = str(reason)
    return result


def _call(model: Any, result: Trial, inputs: Any) -> None:
    if inputs is not None:
        result.args = [inputs]
        result.outputs = trial.outputs(model, result.args, {})
        return
    reason: trial.Unanswerable | None = None
    for recipe in trial.recipes(model):
        args, kwargs = recipe.make()
        try:
            result.outputs = trial.outputs(model, args, kwargs)
        except trial.Unanswerable as error:
            reason = reason or error
            continue
        result.args, result.kwargs, result.recipe = args, kwargs, recipe
        return
    raise reason or trial.Unanswerable("no inputs could be made")


def repeatable(draft: Draft, tried: Trial) -> bool:
    """Whether the live model itself gives the same outputs twice."""
    with undisturbed(draft.model, draft.places):
        again = trial.outputs(draft.model, tried.args, tried.kwargs)
    return all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(tried.outputs or [], again, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one round trip.

    Attributes:
        found: Every difference of structure and state.
        outputs: How the outputs compare.
        outputs_note: Why not, or how much they differ.
        resume: How one training step compares.
        resume_note: Why not, or what differs.
        device: Of the verifying process.
    """

    found: list[Difference]
    outputs: Outcome
    outputs_note: str
    resume: Outcome
    resume_note: str
    device: str

    def not_repeatable(self) -> Verdict:
        """The verdict on a model that gives other outputs each time, also where it was never saved."""
        reason = "the model gives other outputs each time"
        return replace(
            self, outputs=Outcome.NOT_COMPARED, outputs_note=reason, resume=Outcome.NOT_COMPARED, resume_note=reason
        )


def judge(prover: Prover, file: str, draft: Draft, tried: Trial, level: Level, timeout: float) -> Verdict:
    """One round trip: the prover loads the file, and what it found is compared.

    Raises:
        VerificationError: The file could not be loaded there, or the process died or took too long.
    """
    arrays: list[np.ndarray] = []
    question: dict[str, Any] = {"file": file, "trusted": draft.record.required, "step": tried.logs is not None}
    question["revive_all"] = draft.revive_all
    if tried.outputs is not None:
        try:
            question["inputs"] = wire.pack([tried.args, tried.kwargs], arrays)
            if tried.targets is not None:
                question["targets"] = wire.pack(tried.targets, arrays)
        except NotEncodable as error:
            raise VerificationError("inputs must be arrays, or nested lists, tuples and dicts of them") from error
    answer, results = prover.ask(question, arrays, timeout)
    if "error" in answer:
        raise not_loaded(answer["error"])
    found = differences(draft.snapshot, Snapshot.from_dict(answer["snapshot"]))
    found += config_differences(draft.config, answer["config"])
    if not level.includes(Level.WEIGHTS):
        found = [one for one in found if one.kind is not Kind.VALUE]
    same_device = answer["device"] == trial.device()
    outcome, note = _outputs(tried, answer, results, same_device)
    resume, resume_note = _resume(tried, answer, same_device, level)
    return Verdict(found, outcome, note, resume, resume_note, answer["device"])


def not_loaded(error: Mapping[str, Any]) -> VerificationError:
    problems = [Problem(*one) for one in error.get("problems", [])]
    return VerificationError(
        f"a fresh process could not load it: {error['message']}",
        where=error.get("where", ""),
        expected=error.get("expected", ""),
        found=error.get("found", ""),
        hint=error.get("hint", ""),
        problems=problems,
    )


def _outputs(tried: Trial, answer: Mapping[str, Any], results: list[np.ndarray], same: bool) -> tuple[Outcome, str]:
    if tried.outputs is None:
        return Outcome.NOT_COMPARED, tried.reason
    if "outputs_error" in answer:
        return Outcome.DIFFERENT, f"in a fresh process, {answer['outputs_error']}"
    return outputs_verdict(tried.outputs, results, LAST_BIT if same else ACROSS_DEVICES)


def outputs_verdict(before: list[np.ndarray], after: list[np.ndarray], tolerance: float) -> tuple[Outcome, str]:
    """Compares outputs: equal to the bit, or close within a tolerance relative to the largest value."""
    shapes = [one.shape for one in before], [one.shape for one in after]
    if shapes[0] != shapes[1]:
        return Outcome.DIFFERENT, f"shapes {shapes[0]} became {shapes[1]}"
    largest = 0.0
    for one, other in zip(before, after, strict=True):
        if one.dtype.kind not in "fc":
            if not np.array_equal(one, other):
                return Outcome.DIFFERENT, "values differ"
            continue
        if np.array_equal(one, other, equal_nan=True):
            continue
        wide, narrow = one.astype("complex128"), other.astype("complex128")
        if not np.array_equal(np.isnan(wide), np.isnan(narrow)):
            return Outcome.DIFFERENT, "NaN in other places"
        scale = float(np.nanmax(np.abs(wide), initial=0.0)) or 1.0
        largest = max(largest, float(np.nanmax(np.abs(wide - narrow), initial=0.0)) / scale)
    if largest == 0.0:
        return Outcome.EQUAL, ""
    note = f"largest difference {largest:.1e} of the largest value"
    return (Outcome.CLOSE if largest <= tolerance else Outcome.DIFFERENT), note


def _resume(tried: Trial, answer: Mapping[str, Any], same: bool, level: Level) -> tuple[Outcome, str]:
    if tried.logs is None:
        return Outcome.NOT_COMPARED, tried.step_reason if level is Level.RESUME else ""
    if "step_error" in answer:
        return Outcome.DIFFERENT, f"in a fresh process, {answer['step_error']}"
    if not same:
        return Outcome.NOT_COMPARED, "the step ran on another kind of device"
    logs = {key: float.fromhex(value) for key, value in answer["step"].items()}
    for key, value in tried.logs.items():
        if logs.get(key) != value and not (value != value and logs.get(key) != logs.get(key)):
            return Outcome.DIFFERENT, f"{key} was {value:.9g} and is {logs.get(key)}"
    moved = [path for path, digest in tried.trained.items() if answer["trained"].get(path) != digest]
    if moved:
        return Outcome.DIFFERENT, f"{len(moved)} variables differ after one step, the first {moved[0]}"
    return Outcome.EQUAL, ""


def described_outputs(results: list[np.ndarray]) -> list[dict[str, Any]]:
    """Outputs for the fingerprint: a digest for the same stack, a sample of magnitudes for any other."""
    described = []
    for array in results:
        entry: dict[str, Any] = {"shape": list(array.shape), "dtype": str(array.dtype), "digest": array_digest(array)}
        if array.dtype.kind in "biufc":
            entry["sample"] = [float(value).hex() for value in _sample(array)]
        described.append(entry)
    return described


def _sample(array: np.ndarray) -> np.ndarray:
    flat = array.reshape(-1)
    few = flat[:: max(1, flat.size // _SAMPLE_COUNT)][:_SAMPLE_COUNT]
    return np.asarray(np.abs(few) if few.dtype.kind == "c" else few.astype("float64"))


def outputs_against_sample(
    described: list[Mapping[str, Any]], results: list[np.ndarray], tolerance: float
) -> tuple[Outcome, str]:
    """Compares outputs with a fingerprint: equal to the bit by digest, else the samples within a tolerance."""
    if [list(one.shape) for one in results] != [one["shape"] for one in described]:
        return Outcome.DIFFERENT, "outputs of another shape"
    if all(array_digest(one) == told["digest"] for one, told in zip(results, described, strict=True)):
        return Outcome.EQUAL, ""
    before = [np.array([float.fromhex(value) for value in told.get("sample", [])]) for told in described]
    after = [_sample(one) if "sample" in told else np.array([]) for one, told in zip(results, described, strict=True)]
    outcome, note = outputs_verdict(before, after, tolerance)
    return (Outcome.CLOSE, "equal in a sample") if outcome is Outcome.EQUAL else (outcome, note)
