"""Measures kept beside its peers: `python -m benchmarks [--write] [NAME...]`.

A benchmark is a module in `benchmarks/measured`: its docstring says what is measured, `TITLE` heads its section, and
`races()` gives the ways that take turns. What was measured is kept in `benchmarks/results.json`; the page
`docs/benchmarks.md`, its plots and the lines in the README are made from that alone.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from .machine import machine
from .page import page, plots, quoted
from .results import Results
from .running import ROOT, names, run

RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PLOTS = ROOT / "docs" / "benchmarks"
README = ROOT / "README.md"


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def pages(results: Results) -> dict[Path, str]:
    """Every file that is made from results, with its content."""
    drawn = {PLOTS / name: svg for name, svg in plots(results).items()}
    return {PAGE: page(results), README: quoted(README.read_text(), results), **drawn}


def former() -> Results:
    """The results that are kept, if they are of this machine and these versions; else none."""
    here = machine()
    if RESULTS.exists():
        found = Results.read(RESULTS)
        if found.machine == here:
            return found
        tell("the results that were kept are of another machine or other versions, and are left behind")
    return Results(here, {})


def write(results: Results) -> None:
    """Keeps results, and makes everything that is made from them."""
    results.write(RESULTS)
    for path, text in pages(results).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def main(words: list[str]) -> None:
    """Measures the benchmarks named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(names())}; all when left out")
    parser.add_argument("--write", action="store_true", help="keep the results; write the page and what is quoted")
    parser.add_argument(
        "--render", action="store_true", help="write the page from the results that are kept; measure nothing"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each way is measured")
    parser.add_argument("--tiny", action="store_true", help="sizes of a test, in seconds; the times mean nothing")
    parser.add_argument("--only", default="", metavar="TEXT", help="races with this in their name")
    asked = parser.parse_args(words)
    if asked.write and asked.tiny:
        parser.error("what is written is measured in full")
    if asked.render:
        write(Results.read(RESULTS))
        return
    results = former() if asked.write else Results(machine(), {})
    for name in asked.names or names():
        for benchmark in run(name, runs=asked.runs, told=tell, tiny=asked.tiny, only=asked.only):
            results = results.adding(benchmark)
            if asked.write:  # an interrupted run keeps the races that it has ended
                write(results)
    print(page(replace(results, benchmarks={name: results.benchmarks[name] for name in asked.names or names()})))


if __name__ == "__main__":
    main(sys.argv[1:])
