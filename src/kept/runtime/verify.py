"""Verifying: is this file still the model that was saved; would this live model survive a save."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ..errors import KeptError, Problem, SerializationError, UntrustedCodeError
from ..formats.artifact import Artifact
from ..formats.base import open_artifact
from ..formats.local_copy import local_copy
from ..formats.places import locate
from ..proof import Level, Outcome, Proof
from . import journal, wire
from . import keras_seams as seams
from .accounting import damaged
from .closeness import outputs_against_sample, tolerance
from .compare import Difference, Kind, config_differences, differences
from .judge import not_loaded
from .prover import Answer, prover
from .recipe import recorded_inputs
from .record import Record, versions
from .save import save, size_of
from .settings import settings
from .snapshot import Snapshot
from .streams import path_of

__all__ = ["verify"]


def verify(
    path_or_model: Any,
    level: Level | str = Level.OUTPUTS,
    *,
    inputs: Any = None,
    trusted: Collection[str] = (),
    timeout: float = 300.0,
    accelerator: bool = False,
) -> Proof:
    """See `kept.verify`."""
    began = time.monotonic()
    if isinstance(path_or_model, keras.Model):
        return _verify_model(path_or_model, level, inputs, timeout, accelerator)
    path = path_of(path_or_model)
    wanted = Level(level)
    if wanted is Level.RESUME:
        raise SerializationError(
            "a file cannot be asked for the next training step", path=path, hint="kept.verify(model, 'resume')"
        )
    trusted = ((trusted,) if isinstance(trusted, str) else tuple(trusted)) + settings().trusted
    try:
        with (
            local_copy(locate(path)) as file,
            seams.without_importing_tensorflow(),
            open_artifact(file) as artifact,
        ):
            proof = _verify_artifact(str(file), artifact, wanted, list(trusted), timeout, accelerator)
            nbytes = size_of(str(file))
    except KeptError as error:
        error.path = error.path or path
        raise
    return replace(proof, path=path, nbytes=nbytes, seconds=time.monotonic() - began)


def _verify_model(model: Any, level: Level | str, inputs: Any, timeout: float, accelerator: bool) -> Proof:
    with journal.operation(), tempfile.TemporaryDirectory(prefix="kept-") as folder:
        file = os.path.join(folder, "model.keras")
        proof = save(model, file, verify=level, inputs=inputs, timeout=timeout, accelerator=accelerator)
    return replace(proof, path="")


def _verify_artifact(
    path: str, artifact: Artifact, level: Level, trusted: list[str], timeout: float, accelerator: bool
) -> Proof:
    inner = artifact.extras.get("keras_archive")
    if inner is not None:
        with open_artifact(inner) as whole:
            return _verify_artifact(str(inner), whole, level, trusted, timeout, accelerator)
    if artifact.config is None or artifact.format == "architecture_json":
        raise SerializationError("this file holds no Keras model to verify", found=artifact.format)
    record = Record.from_metadata(artifact.metadata)
    problems = damaged(artifact, record)
    if problems:
        return Proof(path, 0, level, keras.backend.backend(), problems=tuple(problems))
    question, arrays = _question(path, record, level, trusted)
    answer = prover(accelerator=accelerator).ask(question, arrays, timeout)
    unfit = _unfit(answer)
    if unfit:
        return Proof(path, 0, level, keras.backend.backend(), problems=unfit)
    return _verdict(artifact, record, level, answer)


def _question(
    path: str, record: Record | None, level: Level, trusted: list[str]
) -> tuple[dict[str, Any], list[np.ndarray]]:
    arrays: list[np.ndarray] = []
    question: dict[str, Any] = {"file": os.path.abspath(path), "trusted": trusted}
    recipe = (record.fingerprint or {}).get("inputs") if record else None
    if level.includes(Level.OUTPUTS) and recipe:
        question["inputs"] = wire.pack(list(recorded_inputs(recipe)), arrays)
    return question, arrays


def _unfit(answer: Answer) -> tuple[Problem, ...]:
    """What does not fit in a file that cannot be loaded for that reason.

    Raises:
        UntrustedCodeError: Loading needs code that the caller has not allowed.
        VerificationError: It cannot be loaded for another reason.
    """
    error = answer[0].get("error")
    if error is None:
        return ()
    problems = tuple(Problem(*one) for one in error["problems"]) if "problems" in error else ()
    if error.get("type") == "UntrustedCodeError":
        raise UntrustedCodeError(error["message"], required=error["required"], problems=problems, hint=error["hint"])
    if error.get("type") != "MismatchError":
        raise not_loaded(error)
    return problems or (Problem(error["message"], error["where"], error["expected"], error["found"], error["hint"]),)


def _verdict(artifact: Artifact, record: Record | None, level: Level, answer: Answer) -> Proof:
    told, results = answer
    after = Snapshot.from_dict(told["snapshot"])
    fingerprint = record.fingerprint if record else None
    found: list[Difference] = list(config_differences(artifact.config, told["config"]))
    if fingerprint:
        found += differences(Snapshot.from_dict(fingerprint["snapshot"]), after)
    same_stack = record is not None and record.made_by == versions()
    if not same_stack:
        told_by_stack = (Kind.FUNCTION, Kind.CLASS, Kind.CONFIG)
        found = [one for one in found if one.kind not in told_by_stack and not _only_wider(one)]
    if not level.includes(Level.WEIGHTS):
        found = [one for one in found if one.kind is not Kind.VALUE]
    problems = [one.problem() for one in found]
    outcome, note = _outputs(fingerprint, level, told, results, same_stack)
    if outcome is Outcome.DIFFERENT:
        problems.append(Problem("the outputs are not those of the model that was saved", "model", found=note))
    return Proof(
        "", 0, level, keras.backend.backend(), told["device"], len(after.variables), outcome, note,
        problems=tuple(problems),
    )  # fmt: skip


def _only_wider(one: Difference) -> bool:
    """Whether a counter or seed only has the integer type that another backend gives it."""
    texts = [re.sub(r"^u?int\d+", "int", str(text)) for text in (one.before, one.after)]
    return one.kind is Kind.VARIABLE and texts[0] == texts[1]


def _outputs(
    fingerprint: dict[str, Any] | None, level: Level, told: dict[str, Any], results: list[np.ndarray], same_stack: bool
) -> tuple[Outcome, str]:
    if not level.includes(Level.OUTPUTS):
        return Outcome.NOT_COMPARED, f"the level is {level.value}"
    if fingerprint is None:
        return Outcome.NOT_COMPARED, "the file has no fingerprint; kept did not save it, or not with verify"
    if not fingerprint.get("inputs") or fingerprint.get("outputs") is None:
        return Outcome.NOT_COMPARED, str(fingerprint.get("reason") or "the file does not say which inputs were used")
    if "outputs_error" in told:
        return Outcome.DIFFERENT, str(told["outputs_error"])
    near = tolerance(fingerprint["device"], told["device"], told["precision"], recorded=True, same_stack=same_stack)
    return outputs_against_sample(fingerprint["outputs"], results, near)
