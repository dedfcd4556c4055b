"""What runs in the proving process: told nothing of the user's modules, trusting exactly what the save recorded."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
import warnings
from multiprocessing.connection import Connection
from typing import Any

import keras
import numpy as np

from ..errors import KeptError, Problem
from ..formats.base import open_artifact
from . import keras_seams as seams
from . import load, trial, wire
from .causes import raised
from .construction import completing, plans
from .recipe import Unanswerable
from .serialize import serialize
from .snapshot import take
from .state import ExtraState
from .walk import walk

__all__ = ["main"]

_POLL_SECONDS = 0.005


def main(fileno: int, asker: int) -> None:
    """Answers questions until the other side is gone.

    Args:
        fileno: Of the connection to it.
        asker: Its process number.
    """
    connection = Connection(fileno)
    warnings.simplefilter("ignore")
    with seams.without_importing_tensorflow():
        _serve(connection, asker)


def _serve(connection: Connection, asker: int) -> None:
    while True:
        try:
            question, arrays = wire.receive(connection)
        except (EOFError, OSError):
            return
        if hasattr(os, "fork"):
            _answer_in_fork(connection, asker, question, arrays)
        else:
            _answer(connection, question, arrays)
            return


def _answer_in_fork(connection: Connection, asker: int, question: dict[str, Any], arrays: list[np.ndarray]) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _answer(connection, question, arrays)
            code = 0
        except BaseException:  # the fork must not fall back into the loop of its parent
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
    status = _watched(pid, asker)
    if status != 0:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        with contextlib.suppress(OSError):
            wire.send(connection, {"died": how})


def _watched(pid: int, asker: int) -> int:
    """Waits for a fork; ends it, and this process, when nobody waits for the answer any more."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if os.getppid() != asker:
            os.kill(pid, signal.SIGKILL)
            os._exit(1)
        time.sleep(_POLL_SECONDS)


def _answer(connection: Connection, question: dict[str, Any], arrays: list[np.ndarray]) -> None:
    try:
        answer, results = _serve_outputs(question, arrays) if "serve" in question else _prove(question, arrays)
    except KeptError as error:
        answer, results = {"error": _described(error)}, []
    except Exception as error:
        traceback.print_exc()
        answer, results = {"error": {"message": f"loading raises {raised(error)}"}}, []
    wire.send(connection, answer, results)


def _described(error: KeptError) -> dict[str, Any]:
    problems = [[p.message, p.where, p.expected, p.found, p.hint] for p in error.problems]
    own = Problem(error.message, error.where, error.expected, error.found)
    return {
        "type": type(error).__name__,
        "message": own.message,
        "where": own.where,
        "expected": own.expected,
        "found": own.found,
        "hint": error.hint,
        "problems": problems,
        "required": list(getattr(error, "required", [])),
    }


def _prove(question: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
    for name, value in question["keras"].items():
        getattr(keras.config, f"set_{name}")(value)
    with open_artifact(question["file"]) as artifact:
        model = load.rebuild(artifact, trusted=question["trusted"], safe_mode=question.get("safe_mode", True))
    places = list(walk(model))
    snapshot = take(model, places).to_dict()
    state = ExtraState()
    with completing(places, plans(places, state, revive_all=question.get("revive_all", False))):
        config = serialize(model, places, state).config
    answer: dict[str, Any] = {
        "snapshot": snapshot,
        "config": config,
        "nodes": state.nodes,
        "device": trial.device(),
        "precision": trial.precision(model),
    }
    results: list[np.ndarray] = []
    if question.get("inputs") is not None:
        args, kwargs = wire.unpack(question["inputs"], arrays)
        try:
            results = trial.outputs(model, list(args), kwargs)
        except Unanswerable as reason:
            answer["outputs_error"] = str(reason)
        if question.get("step"):
            targets = wire.unpack(question["targets"], arrays) if question.get("targets") is not None else None
            answer |= _step(model, list(args), kwargs, targets)
    return answer, results


def _step(model: Any, args: list[Any], kwargs: dict[str, Any], targets: Any) -> dict[str, Any]:
    try:
        logs = trial.step(model, args, kwargs, targets)
    except Unanswerable as reason:
        return {"step_error": str(reason)}
    after = take(model).variables
    return {
        "step": {key: value.hex() for key, value in logs.items()},
        "trained": {p: v.digest for p, v in after.items()},
    }


def _serve_outputs(question: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Outputs of a SavedModel as TensorFlow serves it."""
    tensorflow = __import__("tensorflow")
    served = tensorflow.saved_model.load(question["serve"])
    args = keras.tree.map_structure(tensorflow.convert_to_tensor, wire.unpack(question["inputs"], arrays))
    return {}, [trial.dense(one) for one in keras.tree.flatten(served.serve(*args))]
