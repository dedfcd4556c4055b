"""One fresh process of a benchmark: `python -m benchmarks.process BENCHMARK RACE FOLDER SIZE [WAY]`.

It prepares the race; or it measures the way that is named and prints what it took as a line of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .meter import measured
from .races import Race, Way, Work

__all__ = ["import_backend", "main", "take"]


def main(benchmark: str, key: str, folder: str, size: str, name: str = "") -> None:
    """Prepares a race, or measures one of its ways."""
    module = importlib.import_module(f"benchmarks.measured.{benchmark}")
    race = next(one for one in module.races() if one.key == key)
    way = next((one for one in race.ways if one.name == name), None)
    work = Work(race.model, Path(folder), tiny=size == "tiny")
    import_backend(race, beside_tensorflow=way is not None and way.beside_tensorflow)
    if way is not None:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            os.chdir(own)
            print(json.dumps(take(way, work)), flush=True)
            os.chdir(folder)
    elif race.prepare is not None:
        race.prepare(work)


def import_backend(race: Race, *, beside_tensorflow: bool = False) -> None:
    """Imports what a user has imported before the clock starts: Keras, its backend, and `kept` as such."""
    if not race.backend:
        return
    if race.backend != "tensorflow" and not beside_tensorflow:
        hidden: Any = None  # most users have one backend
        sys.modules["tensorflow"] = hidden
    importlib.import_module("keras")
    importlib.import_module(race.backend)
    importlib.import_module("kept")


def take(way: Way, work: Work) -> dict[str, Any]:
    """Measures one way; what it writes goes into the current folder."""
    result, taken = measured(way.start(work))
    return {"way": way.name, **asdict(taken), **asdict(way.outcome(result))}


if __name__ == "__main__":
    main(*sys.argv[1:])
