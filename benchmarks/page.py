"""Results as the page `docs/benchmarks.md`, its plots, and the lines that the README quotes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .plot import Bar, Panel, chart
from .races import BACKENDS
from .results import Benchmark, Results, Series
from .targets import FASTER, TARGETS, shown_bytes, shown_ratio, shown_seconds

__all__ = ["page", "plots", "readme"]

ORDER = ("loading", "saving", "small_model", "checkpointing", "start_up", "files", "check_speed")
HOW = """# Benchmarks

`python -m benchmarks --write` makes this page, its plots and the lines in the README. Nobody has typed a number.

- kept and the others do the same work in the same run, in turns; each run of each is a fresh process.
- A number is the median of {runs} runs. In parentheses: its ratio to the first row.
- The clock starts after the imports of Keras, its backend and `kept`. What kept imports on its first call counts.
- Modules are compiled to bytecode before, as an installation leaves them.
- Processes on JAX and Torch do not see TensorFlow, as for most users, unless the row says otherwise.
- Memory is what the operating system says (`VmHWM`): the peak of the process during the call beyond what it held just
  before, and beyond the weights that were loaded. Pages of mapped files count.
- Results are compared: the weights that `kept.load` gives are those of Keras to the bit, and so are the tensors in the
  files; a difference ends the run.
"""
BLOCK = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- end of benchmarks -->)", re.DOTALL)


def page(results: Results) -> str:
    """The whole page."""
    runs = " or ".join(str(one) for one in sorted({one.runs for one in results.benchmarks.values()}))
    machine = "\n".join(_table(["", ""], [[name, value] for name, value in results.machine.items()]))
    missing = results.missing()
    left_out = f"\nNot installed, and so left out: {', '.join(missing)}.\n" if missing else ""
    sections = [_section(results.benchmarks[name]) for name in _ordered(results)]
    return "\n".join(
        [HOW.format(runs=runs), "## Targets\n", *_targets(results), *sections, "## Machine\n", machine, left_out]
    )


def _ordered(results: Results) -> list[str]:
    known = [name for name in ORDER if name in results.benchmarks]
    return [*known, *sorted(set(results.benchmarks) - set(known))]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    return [lines[0], "|---" * len(head) + "|", *lines[1:]]


def _targets(results: Results) -> list[str]:
    rows, notes = [], []
    for target in TARGETS:
        verdict = target.verdict(results)
        if verdict is None:
            continue
        where = ", " + BACKENDS[target.race[1]] if target.race[1] else ""
        rows.append([target.what + where, target.wanted, verdict.measured, "met" if verdict.met else "**not met**"])
        if target.note and not verdict.met:
            notes.append(f"{target.what}{where}: {target.note}\n")
    return [*_table(["", "target", "measured", ""], rows), "", *notes]


def _section(benchmark: Benchmark) -> str:
    module = importlib.import_module(f"benchmarks.measured.{benchmark.name}")
    lines = [f"## {module.TITLE}", "", (module.__doc__ or "").strip(), ""]
    lines += [benchmark.facts, ""] if benchmark.facts else []
    if not hasattr(module, "PLOTTED"):
        memory = ["### Memory", "", *_tables(benchmark, _memory, "memory")] if hasattr(module, "MEMORY") else []
        return "\n".join([*lines, *_tables(benchmark, _time), *memory])
    lines += [_image(f"{module.TITLE}: time", f"{benchmark.name}.svg"), *_tables(benchmark, _time)]
    lines += [f"### {module.TITLE}: memory", "", _image(f"{module.TITLE}: memory", f"{benchmark.name}-memory.svg")]
    return "\n".join([*lines, *_tables(benchmark, _memory)])


def _image(text: str, file: str) -> str:
    return f"![{text}](benchmarks/{file})\n"


def _tables(benchmark: Benchmark, cell: Callable[[Series, str], str], head: str = "time") -> list[str]:
    """A table for each work: a row for each way, a column for each backend."""
    lines: list[str] = []
    for title, races in _by_title(benchmark).items():
        ways = dict.fromkeys(way for race in races for way in race.ways)
        rows = [[way, *(cell(race, way) if way in race.ways else "" for race in races)] for way in ways]
        lines += [*_table([title, *(BACKENDS.get(race.backend, head) for race in races)], rows), ""]
    return lines


def _by_title(benchmark: Benchmark) -> dict[str, list[Series]]:
    titles: dict[str, list[Series]] = {}
    for race in benchmark.races:
        titles.setdefault(race.title, []).append(race)
    return titles


def _time(race: Series, way: str) -> str:
    own, first = (race.ways[name].median() or 0.0 for name in (way, next(iter(race.ways))))
    return shown_seconds(own) + (f" ({shown_ratio(own / first)})" if own != first else "")


def _memory(race: Series, way: str) -> str:
    extra = race.ways[way].median("extra_bytes")
    return "" if extra is None else shown_bytes(max(extra, 0))


def plots(results: Results) -> dict[str, str]:
    """The plots of all benchmarks that have some: name of the file -> SVG."""
    made = {}
    for name, benchmark in results.benchmarks.items():
        module: Any = importlib.import_module(f"benchmarks.measured.{name}")
        if hasattr(module, "PLOTTED"):
            made[f"{name}.svg"] = _plot(benchmark, module, "seconds")
            made[f"{name}-memory.svg"] = _plot(benchmark, module, "extra_bytes")
    return made


def _plot(benchmark: Benchmark, module: Any, quantity: str) -> str:
    shown = shown_bytes if quantity == "extra_bytes" else shown_seconds
    unit = "peak memory beyond the weights" if quantity == "extra_bytes" else "time"
    panels = []
    for title, races in _by_title(benchmark).items():
        rows = {}
        for race in races:
            values = [race.ways[way].median(quantity) for way in module.PLOTTED if way in race.ways]
            rows[BACKENDS[race.backend]] = [Bar(max(value or 0, 0), shown(value or 0)) for value in values]
        panels.append(Panel(title, rows))
    legend = [way.strip("`") for way in module.PLOTTED]
    return chart(f"{module.TITLE}: {unit}, less is better", legend, panels)


def readme(results: Results) -> str:
    """The lines that the README quotes."""
    rows = []
    for target in TARGETS:
        own = results.median(target.benchmark, *target.race, target.way, "seconds")
        other = results.median(target.benchmark, *target.race, target.peer, "seconds")
        if target.headline and target.kind == FASTER and own and other:
            what = f"{target.what}, {BACKENDS[target.race[1]]}"
            rows.append([what, shown_seconds(other), shown_seconds(own), f"{shown_ratio(other / own)} times faster"])
    return "\n".join([*_table(["", "Keras", "kept", ""], rows), ""]) if rows else ""


def quoted(text: str, results: Results) -> str:
    """The README with its lines replaced by those of the results."""
    return BLOCK.sub(lambda found: f"{found[1]}{readme(results)}{found[2]}", text)
