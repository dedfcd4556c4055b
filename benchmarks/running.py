"""Runs the races of a benchmark: every way in a fresh process, in turns, and the results must be equal to the bit."""

from __future__ import annotations

import compileall
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .races import Race
from .results import Benchmark, Measurement, Series

__all__ = ["ROOT", "agree", "names", "run"]

ROOT = Path(__file__).resolve().parent.parent
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}


def names() -> list[str]:
    """Every benchmark: the modules in `measured`."""
    return sorted(module.name for module in pkgutil.iter_modules([str(ROOT / "benchmarks" / "measured")]))


def run(
    name: str, *, runs: int, told: Callable[[str], None], tiny: bool = False, only: str = ""
) -> Iterator[Benchmark]:
    """Measures one benchmark, and yields what it has after each race.

    Args:
        name: One of `names()`.
        runs: How often each way is measured.
        told: Takes a line on what is being measured.
        tiny: Whether sizes are those of a test.
        only: Races without this text in their key are left out.

    Raises:
        SystemExit: A way failed, or the results of two ways differ.
    """
    module = importlib.import_module(f"benchmarks.measured.{name}")
    races = [race for race in module.races() if only in race.key]
    compileall.compile_dir(ROOT / "src", quiet=2)  # as an installation leaves it
    missing = {way.needs for race in races for way in race.ways if way not in race.present()}
    facts = module.facts(tiny) if hasattr(module, "facts") else ""
    measured: list[Series] = []
    for race in races:
        told(f"{name}: {race.key}")
        measured.append(_run_race(name, race, runs=runs, tiny=tiny))
        yield Benchmark(name, facts, runs, tuple(measured), tuple(sorted(missing)))


def _run_race(benchmark: str, race: Race, *, runs: int, tiny: bool) -> Series:
    taken: dict[str, list[dict[str, Any]]] = {way.name: [] for way in race.present()}
    with tempfile.TemporaryDirectory() as scratch:
        arguments = [benchmark, race.key, scratch, "tiny" if tiny else "whole"]
        if race.prepare is not None:
            _process(race, scratch, *arguments)
            _warm(Path(scratch))
        for _ in range(runs):
            for way in taken:
                taken[way] += _process(race, scratch, *arguments, way)
    lines = [line for lines in taken.values() for line in lines]
    if not agree(lines):
        raise SystemExit(f"{benchmark}: {race.key}: the results differ: {lines}")
    return Series(race.title, race.backend, {way: _measurement(lines) for way, lines in taken.items()})


def agree(lines: Iterable[dict[str, Any]]) -> bool:
    """Whether all ways that can be compared came to the same, to the bit."""
    return len({line["digest"] for line in lines if line["digest"]}) <= 1


def _measurement(lines: Iterable[dict[str, Any]]) -> Measurement:
    lines = list(lines)
    told = [line for line in lines if line["grown_bytes"] is not None]
    grown = [line["grown_bytes"] - line["nbytes"] + line["started_bytes"] for line in told]
    return Measurement(tuple(line["seconds"] for line in lines), tuple(grown), any(line["digest"] for line in lines))


def _process(race: Race, folder: str, *arguments: str) -> list[dict[str, Any]]:
    """Runs `benchmarks.process`; what it measured."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, **QUIET, "PYTHONPATH": path, "KERAS_BACKEND": race.backend or "jax"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.process", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"way"')]


def _warm(folder: Path) -> None:
    """Reads every file once, so that all ways find them in the page cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 24):
                    pass
