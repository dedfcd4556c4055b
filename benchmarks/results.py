"""What was measured, as plain data: kept in `benchmarks/results.json`, from which the page is made."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

__all__ = ["Benchmark", "Measurement", "Results", "Series"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """All runs of one way.

    Attributes:
        seconds: Of each run.
        extra_bytes: Peak memory of each run beyond what was there before and beyond the result; empty where unknown.
        equal: Whether its result was compared with that of the other ways, and was equal to the bit.
    """

    seconds: tuple[float, ...]
    extra_bytes: tuple[int, ...] = ()
    equal: bool = False

    def median(self, quantity: str = "seconds") -> float | None:
        """The median of `seconds` or `extra_bytes`; None where there is none."""
        values = getattr(self, quantity)
        return statistics.median(values) if values else None


@dataclass(frozen=True, slots=True)
class Series:
    """One race: the measurements of its ways, that of kept first."""

    title: str
    backend: str
    ways: dict[str, Measurement]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The races of one module in `measured`, and which packages were missing."""

    name: str
    facts: str
    runs: int
    races: tuple[Series, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """Benchmarks of one machine.

    Attributes:
        machine: What was measured on: name -> value, as the page lists it.
        benchmarks: By name.
    """

    machine: dict[str, str]
    benchmarks: dict[str, Benchmark]

    def median(self, benchmark: str, title: str, backend: str, way: str, quantity: str) -> float | None:
        """One median; None where it was not measured."""
        found = self.benchmarks.get(benchmark)
        for race in found.races if found else ():
            if (race.title, race.backend) == (title, backend) and way in race.ways:
                return race.ways[way].median(quantity)
        return None

    def adding(self, benchmark: Benchmark) -> Results:
        """These results with a benchmark put in; its races take the place of the same ones before."""
        before = self.benchmarks.get(benchmark.name)
        races = {(one.title, one.backend): one for one in (*(before.races if before else ()), *benchmark.races)}
        return replace(
            self, benchmarks={**self.benchmarks, benchmark.name: replace(benchmark, races=tuple(races.values()))}
        )

    def missing(self) -> list[str]:
        """The packages that some way needed, and that were not installed."""
        return sorted({name for one in self.benchmarks.values() for name in one.missing})

    def write(self, path: Path) -> None:
        """Writes them as JSON, one way in a line or two, so that a change can be read."""
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=False) + "\n")

    @classmethod
    def read(cls, path: Path) -> Results:
        """What `write` wrote."""
        data = json.loads(path.read_text())
        return cls(data["machine"], {name: _benchmark(one) for name, one in data["benchmarks"].items()})


def _benchmark(data: dict[str, Any]) -> Benchmark:
    races = tuple(_series(one) for one in data["races"])
    return Benchmark(data["name"], data["facts"], data["runs"], races, tuple(data["missing"]))


def _series(data: dict[str, Any]) -> Series:
    return Series(data["title"], data["backend"], {name: _measurement(one) for name, one in data["ways"].items()})


def _measurement(data: dict[str, Any]) -> Measurement:
    return Measurement(tuple(data["seconds"]), tuple(data["extra_bytes"]), data["equal"])
