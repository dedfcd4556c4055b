"""Saving: describe, write beside the target, prove in a fresh process, mend, prove again, and only then replace."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import keras

from ..errors import KeptError, Problem, SerializationError, VerificationError, WriteError
from ..formats import weights_h5
from ..formats.artifact import Written
from ..formats.folder_target import FolderTarget
from ..formats.target import Target
from ..proof import Level, Outcome, Proof
from . import journal, trial
from . import keras_seams as seams
from .account import fingerprint_of, repairs_of, stock_reasons
from .compare import Difference, Kind
from .draft import Draft, weights_of
from .judge import Verdict, judge
from .layouts import Layout, layout_for
from .mending import mend
from .prover import Prover, prover
from .record import Environment
from .rounding import half_precision
from .streams import is_stream, name_of, path_of, written_to
from .tryout import repeatable, try_out
from .uncompiled import uncompiled

__all__ = ["level_of", "proven", "save", "seen_by_others", "size_of", "write_proven"]

_ROUNDS = 4


@journal.recorded
def save(
    model: Any,
    filepath: str | os.PathLike[str] | BinaryIO,
    overwrite: bool = True,
    *,
    verify: Level | str | bool = Level.OUTPUTS,
    inputs: Any = None,
    targets: Any = None,
    embed_source: bool = True,
    include_optimizer: bool = True,
    zipped: bool = True,
    max_shard_size: float | None = None,
    weights_dtype: Any = None,
    timeout: float = 300.0,
    accelerator: bool = False,
) -> Proof:
    """See `kept.save`."""
    with ExitStack() as around:
        path = around.enter_context(written_to(filepath)) if is_stream(filepath) else path_of(filepath)
        rounded_to = half_precision(weights_dtype)
        layout = layout_for(path, zipped=zipped, max_shard_size=max_shard_size, rounded_to=rounded_to)
        if not include_optimizer and isinstance(model, keras.Model):
            around.enter_context(uncompiled(model))
        proof = write_proven(
            model, path, layout, overwrite=overwrite, verify=verify, inputs=inputs, targets=targets,
            embed_source=embed_source, timeout=timeout, accelerator=accelerator, rounded_to=rounded_to,
        )  # fmt: skip
    return replace(proof, path=name_of(filepath))


def level_of(verify: Level | str | bool) -> Level | None:
    """The level that `verify=` means; None for False."""
    if verify is False:
        return None
    if verify is True:
        return Level.OUTPUTS
    try:
        return Level(verify)
    except ValueError:
        raise SerializationError(
            "verify names no level", expected=", ".join(one.value for one in Level) + ", or False", found=repr(verify)
        ) from None


def write_proven(
    model: Any,
    path: str,
    layout: Layout,
    *,
    overwrite: bool,
    verify: Level | str | bool,
    inputs: Any,
    targets: Any,
    embed_source: bool,
    timeout: float,
    accelerator: bool,
    rounded_to: str | None = None,
) -> Proof:
    """Writes a model in a layout and replaces the target once the file is proven.

    Raises:
        WriteError: The target cannot be written; it is as it was.
        SerializationError: Something of the model cannot be written.
        VerificationError: What came back is not the model.
    """
    began = time.monotonic()
    level = level_of(verify)
    if not isinstance(model, keras.Model):
        raise SerializationError(
            "only a Keras model can be saved", path=path, expected="a keras.Model", found=repr(type(model))
        )
    with layout.target(path, overwrite=overwrite) as target, seams.without_importing_tensorflow():
        try:
            proving = prover(accelerator=accelerator) if level else None
            proof = _attempted(
                model, target.file, layout.write, proving, level, inputs, targets, timeout, embed_source, rounded_to
            )
        except KeptError as error:
            error.path = path
            if not isinstance(error, WriteError):
                _rescue(model, target, error)
            raise
        target.commit()
    return _finished(proof, path, began)


def _attempted(
    model: Any,
    file: str,
    write: Callable[[str, Draft], Written],
    proving: Prover | None,
    level: Level | None,
    inputs: Any,
    targets: Any,
    timeout: float,
    embed_source: bool,
    rounded_to: str | None,
) -> Proof:
    """Proves the model as its configs say; if that fails, once more with objects for the configs inside of them."""
    failure: VerificationError | None = None
    for revive_all in (False, True):
        with Draft.of(model, embed_source=embed_source, revive_all=revive_all, rounded_to=rounded_to) as draft:
            if failure is not None and not any(call.revive for call in draft.record.calls.values()):
                raise failure
            try:
                return proven(draft, file, write, proving, level, inputs, targets, timeout)
            except VerificationError as error:
                failure = failure or error
    assert failure is not None
    raise failure


def _finished(proof: Proof, path: str, began: float) -> Proof:
    return replace(proof, path=path, nbytes=size_of(path), seconds=time.monotonic() - began)


def size_of(path: str) -> int:
    """Size in bytes of a file, or of all files in a folder."""
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())


def _rescue(model: Any, target: Target | FolderTarget, error: KeptError) -> None:
    """Leaves the weights of a model that cannot be saved in a file that the error names."""
    if not model.built:
        return
    if isinstance(target, FolderTarget):
        with suppress(Exception), Target(target.path.rstrip("/") + ".keras") as beside:
            _rescue(model, beside, error)
        return
    with suppress(Exception):  # the first error is the one to be told
        weights_h5.write(target.file, weights_of(model))
        error.rescue = target.rescue(".weights.h5")


def proven(
    draft: Draft,
    file: str,
    write: Callable[[str, Draft], Written],
    proving: Prover | None,
    level: Level | None,
    inputs: Any,
    targets: Any,
    timeout: float,
) -> Proof:
    """Writes a draft until a fresh process loads from it what was described.

    Raises:
        VerificationError: It does not.
    """
    if proving is None or level is None:
        write(file, draft)
        return Proof("", 0, stock=stock_reasons(draft))
    tried = try_out(draft, level, inputs, targets)
    draft.fingerprint = partial(fingerprint_of, tried=tried)
    mended: list[Difference] = []
    for _ in range(_ROUNDS):
        write(file, draft)
        verdict = judge(proving, seen_by_others(file), draft, tried, level, timeout)
        taken = mend(draft.record.state, verdict.found, draft.places, draft.attribute) + _mend_policy(
            draft, verdict.found
        )
        mended += taken
        if not taken:
            break
    if verdict.outputs is Outcome.DIFFERENT and not verdict.found and not repeatable(draft, tried):
        verdict = verdict.not_repeatable()
    problems = _problems(verdict)
    if problems:
        raise VerificationError("what a fresh process loads is not the model that was saved", problems=problems)
    return Proof(
        "", 0, level, keras.backend.backend(), verdict.device, len(draft.snapshot.variables), verdict.outputs,
        verdict.outputs_note, verdict.resume, verdict.resume_note, (*draft.repairs, *repairs_of(mended)),
        stock_reasons(draft),
    )  # fmt: skip


def _mend_policy(draft: Draft, found: list[Difference]) -> list[Difference]:
    """Layers that took the global dtype policy of their construction come back when it is in force again."""
    live = {place.path: place.value for place in draft.places}
    for one in found:
        if one.kind is Kind.FLAG and one.name == "dtype" and draft.record.environment is not None:
            environment = Environment.with_policy(live[one.path].dtype_policy)
            if environment != draft.record.environment and not draft.record.environment_mended:
                draft.record.environment, draft.record.environment_mended = environment, True
                return [one]
    return []


def seen_by_others(file: str) -> str:
    """The path by which another process reaches the file that this one writes."""
    return file.replace("/proc/self/", f"/proc/{os.getpid()}/", 1)


def _problems(verdict: Verdict) -> list[Problem]:
    problems = [one.problem() for one in verdict.found]
    if verdict.outputs is Outcome.DIFFERENT and not problems:
        hint = "" if verdict.device == trial.device() else "accelerator=True compares on the device of this process"
        problems.append(Problem("the outputs differ after loading", "model", found=verdict.outputs_note, hint=hint))
    if verdict.resume is Outcome.DIFFERENT and not problems:
        problems.append(Problem("one more training step differs after loading", "model", found=verdict.resume_note))
    return problems
