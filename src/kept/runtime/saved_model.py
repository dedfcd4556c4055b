"""A TensorFlow SavedModel for serving, with the whole Keras model inside it, where serving does not look."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from ..errors import KeptError, Problem, SerializationError, VerificationError
from ..formats.folder_target import FolderTarget
from ..formats.saved_model import KERAS_ARCHIVE
from ..formats.target import writing
from ..proof import Level, Outcome, Proof
from . import journal, wire
from .causes import raised
from .closeness import outputs_verdict
from .draft import Draft
from .judge import not_loaded
from .prover import prover
from .save import level_of, save, size_of
from .streams import path_of
from .tryout import try_out

__all__ = ["save_saved_model"]

SERVING = 1e-4


@journal.recorded
def save_saved_model(
    model: Any,
    folder: str | os.PathLike[str],
    overwrite: bool = True,
    *,
    verify: Level | str | bool = Level.OUTPUTS,
    inputs: Any = None,
    targets: Any = None,
    embed_source: bool = True,
    include_optimizer: bool = True,
    timeout: float = 300.0,
    accelerator: bool = False,
) -> Proof:
    """See `kept.save_saved_model`."""
    began = time.monotonic()
    path = path_of(folder).rstrip("/")
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise SerializationError(
            "a SavedModel can only be written on the TensorFlow backend",
            path=path,
            found=f"the {backend} backend",
            hint=f"kept.save(model, {path + '.keras'!r})",
        )
    with FolderTarget(path, overwrite=overwrite, may_replace=_is_saved_model) as target:
        try:
            _export(model, target.folder)
            archive = Path(target.folder, KERAS_ARCHIVE)
            archive.parent.mkdir(parents=True, exist_ok=True)
            proof = save(
                model, archive, verify=verify, inputs=inputs, targets=targets, embed_source=embed_source,
                include_optimizer=include_optimizer, timeout=timeout, accelerator=accelerator,
            )  # fmt: skip
            if level_of(verify) is not None:
                _prove_serving(model, target.folder, inputs, timeout, accelerator)
        except KeptError as error:
            error.path, error.rescue = path, None
            raise
        target.commit()
    return replace(proof, path=path, nbytes=size_of(path), seconds=time.monotonic() - began)


def _is_saved_model(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "saved_model.pb"))


def _export(model: Any, folder: str) -> None:
    with writing(folder):
        try:
            model.export(folder, verbose=False)
        except OSError:
            raise
        except Exception as error:
            raise SerializationError(
                "TensorFlow cannot export the model for serving",
                found=raised(error),
                hint="call the model on some data first, or save to a path ending in .keras",
            ) from error


def _prove_serving(model: Any, folder: str, inputs: Any, timeout: float, accelerator: bool) -> None:
    """A fresh process serves the model; its outputs are those of the live model, within rounding of another graph."""
    with Draft.of(model, embed_source=False) as draft:
        tried = try_out(draft, Level.OUTPUTS, inputs)
    if tried.outputs is None or tried.kwargs:
        return
    arrays: list[Any] = []
    question = {"serve": folder, "inputs": wire.pack(tried.args, arrays)}
    answer, results = prover(accelerator=accelerator).ask(question, arrays, timeout)
    if "error" in answer:
        raise not_loaded(answer["error"])
    outcome, note = outputs_verdict(tried.outputs, results, SERVING)
    if outcome is Outcome.DIFFERENT:
        raise VerificationError(
            "the exported SavedModel does not give the outputs of the model",
            problems=[Problem("the served outputs differ", "serve", found=note)],
        )
