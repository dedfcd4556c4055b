"""What is measured, declared: a race holds the ways of doing one piece of work, which take turns."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["BACKENDS", "MODELS", "Outcome", "Race", "Way", "Work", "backends", "installed"]

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "Torch"}

# The models of `benchmarks.models`, which imports Keras, as the tables name them.
MODELS = {
    "dense": "400 MB of Dense",
    "efficient_net": "EfficientNetB0",
    "many_variables": "10,000 variables",
    "transformer": "12-block transformer with Adam",
    "text": "Text model with vocabularies",
}

# Only TensorFlow holds texts; where Python objects are all there is, one backend tells enough for half an hour.
ONE_BACKEND = {"text": "tensorflow", "many_variables": "torch"}


@dataclass(frozen=True, slots=True)
class Work:
    """What the ways of a race are given.

    Attributes:
        model: A name in `benchmarks.models`; may be empty.
        folder: Where the files that `Race.prepare` made are; what a way writes goes into the current folder.
        tiny: Whether sizes are those of a test.
    """

    model: str
    folder: Path
    tiny: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action, taken down after the clock has stopped.

    Attributes:
        digest: Of every bit that must be equal in all ways of a race; empty where nothing can be compared.
        nbytes: Of the result itself, which is no extra memory.
        started_bytes: The most memory of a process that the action has started.
    """

    digest: str = ""
    nbytes: int = 0
    started_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """One way of doing the work, in a fresh process.

    Attributes:
        name: As the tables show it.
        start: Imports and makes what the action needs; what it returns is called once, and timed.
        outcome: Takes down what the action returned.
        needs: A module without which the way is left out.
        beside_tensorflow: Whether a process of another backend finds TensorFlow installed.
    """

    name: str
    start: Callable[[Work], Callable[[], Any]]
    outcome: Callable[[Any], Outcome] = lambda result: Outcome()
    needs: str = ""
    beside_tensorflow: bool = False


@dataclass(frozen=True, slots=True)
class Race:
    """Ways that do the same work on one backend.

    Attributes:
        title: The work, as the tables name it.
        ways: That of kept comes first; the others are told as ratios to it.
        backend: A key of `BACKENDS`; empty where Keras has no part in it.
        model: A name in `benchmarks.models`; may be empty.
        prepare: Runs once, in a process of its own, before the ways do.
    """

    title: str
    ways: tuple[Way, ...]
    backend: str = ""
    model: str = ""
    prepare: Callable[[Work], None] | None = None

    def present(self) -> list[Way]:
        """The ways whose packages are installed."""
        return [way for way in self.ways if not way.needs or installed(way.needs)]

    @property
    def key(self) -> str:
        """Its name among the races of a benchmark."""
        return f"{self.title} / {self.backend}"


def installed(module: str) -> bool:
    """Whether a module can be imported; it is not."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def backends(model: str = "") -> list[str]:
    """The backends that are installed and run a model."""
    chosen = ONE_BACKEND.get(model)
    return [name for name in BACKENDS if installed(name) and chosen in (None, name)]
