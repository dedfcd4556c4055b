"""How long kept takes to start: whole processes, the interpreter included."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.races import Race, Way, Work

TITLE = "Start-up"
RACE = "Processes"
IMPORT = "`import kept`"
HELP = "`kept --help`"


def start(work: Work, words: tuple[str, ...]) -> Callable[[], Any]:
    """Runs Python with some arguments."""
    command = [sys.executable, *words]
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def process(name: str, *words: str, needs: str = "") -> Way:
    """The process that Python makes of some arguments."""
    return Way(name, partial(start, words=words), needs=needs)


def races() -> list[Race]:
    """Without a backend, but for the last."""
    ways = (
        process(IMPORT, "-c", "import kept"),
        process(HELP, "-m", "kept", "--help"),
        process("`kept rules`", "-m", "kept", "rules"),
        process("the interpreter alone", "-c", "pass"),
        process("`import keras`, on JAX", "-c", "import keras", needs="jax"),
    )
    return [Race(RACE, ways)]
