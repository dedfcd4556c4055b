"""Looking into a file and judging it, without Keras; beside another scanner, and beside loading it.

Commands are whole processes, the start of the interpreter included, with the files in the page cache; their memory is
the peak of the process. Calls are made in a process that has made the same call before. `kept scan` compares configs
with a list of what Keras has at each place, tensors with the config, and every byte with its checksum. modelscan looks
for Lambda layers, and not into the weights; TensorFlow, which it would import, is hidden from it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.races import MODELS, ONE_BACKEND, Outcome, Race, Way, Work, backends, installed

TITLE = "Files without Keras"
MEMORY = True
SMALL = "A small model"
FILES = {"small": SMALL, "efficient_net": MODELS["efficient_net"], "dense": MODELS["dense"], "text": MODELS["text"]}
SCAN, INSPECT = "`kept scan`", "`kept inspect`"
RULES, CALL = "the rules of `kept scan`, on a file that is open", "`kept.scan(file)`"
FILE = "model.keras"
SAVE = """
import sys
from benchmarks.models import build
build(sys.argv[1], tiny=sys.argv[2] == "tiny").save(sys.argv[3])
"""
HIDDEN = "import sys; sys.modules['tensorflow'] = None; "
MODELSCAN = HIDDEN + "from modelscan.cli import main; main()"
LOAD = "import sys, keras; keras.saving.load_model(sys.argv[1])"


def backend_of(model: str) -> str:
    """The backend that makes and loads a model: the quickest to import that can."""
    return ONE_BACKEND.get(model) or next(one for one in ("jax", "torch", "tensorflow") if one in backends(model))


def prepare(work: Work) -> None:
    """Saves the model with stock Keras."""
    size = "tiny" if work.tiny else "whole"
    run([sys.executable, "-c", SAVE, work.model, size, str(work.folder / FILE)], model=work.model)


def run(command: list[str], *, model: str = "", allowed: tuple[int, ...] = (0,)) -> int:
    """Runs a command; the most memory that it held, in bytes.

    Raises:
        SystemExit: It failed.
    """
    environment = {**os.environ, "KERAS_BACKEND": backend_of(model)} if model else None
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise SystemExit(f"{command}: exit code {process.returncode}\n{said.decode(errors='replace')}")
    return used.ru_maxrss << (0 if sys.platform == "darwin" else 10)


def command(work: Work, words: tuple[str, ...], *, allowed: tuple[int, ...] = (0,), loads: bool = False) -> Any:
    """Runs Python with some words and the file."""
    return partial(
        run, [sys.executable, *words, str(work.folder / FILE)], model=work.model if loads else "", allowed=allowed
    )


def process(name: str, *words: str, needs: str = "", **options: Any) -> Way:
    """A way that is a whole process."""
    return Way(name, partial(command, words=words, **options), lambda held: Outcome(started_bytes=held), needs)


def again(work: Work, made: Callable[[Path], Callable[[], Any]]) -> Callable[[], Any]:
    """A call that was made once before."""
    made(work.folder / FILE)()
    return made(work.folder / FILE)


def scan(path: Path) -> Callable[[], Any]:
    """Opens the file, judges it and reads it all."""
    import kept

    return lambda: kept.scan(path, jobs=0)


def inspect(path: Path) -> Callable[[], Any]:
    """What is in the file."""
    import kept

    return lambda: kept.inspect(path)


def rules(path: Path) -> Callable[[], Any]:
    """Judges a file that is open, as `kept.load` does before it loads."""
    from kept.formats.base import open_artifact
    from kept.rules import judge
    from kept.rules import rules as every
    from kept.scanning.reading import subject_of

    artifact = open_artifact(path)
    modules = (*every("security"), *every("integrity"))
    return lambda: judge(subject_of(artifact, str(path)), modules)


def modelscan(path: Path) -> Callable[[], Any]:
    """Its own call, without what it prints."""
    hidden: Any = None
    sys.modules["tensorflow"] = hidden
    from modelscan.modelscan import ModelScan

    return lambda: ModelScan().scan(path)


def call(name: str, made: Callable[[Path], Callable[[], Any]], needs: str = "") -> Way:
    """A way that is a call in a process that has made it before."""
    return Way(name, partial(again, made=made), needs=needs)


def facts(tiny: bool) -> str:
    """Which release of the other scanner."""
    with suppress(PackageNotFoundError):
        return f"modelscan is {version('modelscan')}."
    return ""


def races() -> list[Race]:
    """One for each file: the commands, and the calls."""
    ways = (
        process(SCAN, "-m", "kept", "scan"),
        process(INSPECT, "-m", "kept", "inspect"),
        process("`modelscan`", "-c", MODELSCAN, "-p", needs="modelscan", allowed=(0, 1, 3)),
        process("`keras.saving.load_model`, a process of its own", "-c", LOAD, loads=True),
        call(CALL, scan),
        call(RULES, rules),
        call("`kept.inspect(file)`", inspect),
        call("`ModelScan().scan(file)`", modelscan, needs="modelscan"),
    )
    present = [model for model in FILES if installed("keras") and backends(model)]
    return [Race(FILES[model], ways, "", model, prepare) for model in present]
