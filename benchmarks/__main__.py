"""Measures kept beside its peers: `python -m benchmarks [NAME...]`, on the backend in KERAS_BACKEND.

A benchmark is a module of this folder: its docstring says what is measured, `CASES` maps each way to the source of
a script that prints its seconds. Every run is a fresh process, the cases take turns, and what counts is the median as a
ratio to the first case.
"""

from __future__ import annotations

import importlib
import pkgutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RUNS = 5


def seconds(source: str) -> float:
    """Runs one script in a fresh process and an empty folder; it prints the seconds it wants counted."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", source], cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def table(name: str) -> str:
    """One benchmark as a table in Markdown."""
    module = importlib.import_module(f"benchmarks.{name}")
    taken: dict[str, list[float]] = {case: [] for case in module.CASES}
    for _ in range(RUNS):
        for case, source in module.CASES.items():
            taken[case].append(seconds(source))
    medians = {case: statistics.median(values) for case, values in taken.items()}
    base = next(iter(medians.values()))
    rows = [f"| {case} | {median:.2f} s | {median / base:.2f} |" for case, median in medians.items()]
    return "\n".join([(module.__doc__ or name).strip(), "", "| | median | ratio |", "|---|---|---|", *rows, ""])


def main(names: list[str]) -> None:
    """Runs the benchmarks named, or all of them."""
    for name in names or sorted(one.name for one in pkgutil.iter_modules([str(FOLDER)]) if one.name != "__main__"):
        print(table(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
