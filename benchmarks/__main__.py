"""Measures kept beside its peers: `python -m benchmarks [--write] [NAME...]`, on the backend in KERAS_BACKEND.

A benchmark is a module of this folder: its docstring says what is measured, `CASES` maps each way to the source of
a script that prints its seconds, and `facts()`, where there is one, says on what. Every run is a fresh process, the
cases take turns, and what counts is the median as a ratio to the first case. `--write` puts the tables of benchmarks
that have a place in docs/benchmarks.md there.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "docs" / "benchmarks.md"
RUNS = 5


def seconds(source: str) -> float:
    """Runs one script in a fresh process and an empty folder; it prints the seconds it wants counted."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", source], cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def shown(duration: float) -> str:
    """Seconds as a person reads them: `3.04 s`, `22 ms`."""
    return f"{duration:.2f} s" if duration >= 0.1 else f"{duration * 1000:.0f} ms"


def table(name: str) -> str:
    """One benchmark as a table in Markdown."""
    module = importlib.import_module(f"benchmarks.{name}")
    taken: dict[str, list[float]] = {case: [] for case in module.CASES}
    for _ in range(RUNS):
        for case, source in module.CASES.items():
            taken[case].append(seconds(source))
    medians = {case: statistics.median(values) for case, values in taken.items()}
    base = next(iter(medians.values()))
    rows = [f"| {case} | {shown(median)} | {median / base:.2f} |" for case, median in medians.items()]
    facts = [module.facts()] if hasattr(module, "facts") else []
    machine = f"Medians of {RUNS} runs with {os.cpu_count()} cores, Python {platform.python_version()}."
    head = [(module.__doc__ or name).strip(), "", " ".join([*facts, machine]), ""]
    return "\n".join([*head, "| | median | ratio |", "|---|---|---|", *rows, ""])


def write(name: str, text: str) -> None:
    """Puts a table in its place in the documentation, if it has one."""
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    PAGE.write_text(place.sub(lambda found: f"{found[1]}{text}{found[2]}", PAGE.read_text()))


def main(words: list[str]) -> None:
    """Runs the benchmarks named, or all of them."""
    names = [word for word in words if word != "--write"]
    for name in names or sorted(one.name for one in pkgutil.iter_modules([str(FOLDER)]) if one.name != "__main__"):
        text = table(name)
        print(text, flush=True)
        if "--write" in words:
            write(name, text)


if __name__ == "__main__":
    main(sys.argv[1:])
