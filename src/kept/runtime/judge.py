"""Comparing a live model with what a fresh process read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import Problem, VerificationError
from ..proof import Level, Outcome
from . import trial, wire
from .closeness import outputs_verdict, tolerance
from .codecs import NotEncodable
from .compare import Difference, Kind, config_differences, differences
from .draft import Draft
from .prover import Prover
from .snapshot import Snapshot
from .tryout import Trial

__all__ = ["Verdict", "judge", "not_loaded"]


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
    found += config_differences(draft.record.state.nodes, answer["nodes"], "values")
    if not level.includes(Level.WEIGHTS):
        found = [one for one in found if one.kind is not Kind.VALUE]
    near = tolerance(trial.device(), answer["device"], answer["precision"])
    outcome, note = _outputs(tried, answer, results, near)
    resume, resume_note = _resume(tried, answer, answer["device"] == trial.device(), level)
    return Verdict(found, outcome, note, resume, resume_note, answer["device"])


def not_loaded(error: Mapping[str, Any]) -> VerificationError:
    """The error that the proving process told of, as one of this process."""
    problems = [Problem(*one) for one in error.get("problems", [])]
    return VerificationError(
        f"a fresh process could not load it: {error['message']}",
        where=error.get("where", ""),
        expected=error.get("expected", ""),
        found=error.get("found", ""),
        hint=error.get("hint", ""),
        problems=problems,
    )


def _outputs(tried: Trial, answer: Mapping[str, Any], results: list[np.ndarray], near: float) -> tuple[Outcome, str]:
    if tried.outputs is None:
        return Outcome.NOT_COMPARED, tried.reason
    if "outputs_error" in answer:
        return Outcome.DIFFERENT, f"in a fresh process, {answer['outputs_error']}"
    return outputs_verdict(tried.outputs, results, near)


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
