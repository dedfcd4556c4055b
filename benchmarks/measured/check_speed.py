"""`kept check` over the source of the installed Keras, beside linters on the same tree.

Each time is that of a whole process, the start of the interpreter included. Cold: nothing is remembered. Warm: the same
run again, nothing has changed. Linters do another work: Ruff asks its default rules, written in Rust, of each file
alone; Pylint infers types across files, and is given one folder of the tree, since the whole of it takes it minutes.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.races import Race, Way, Work, installed

TITLE = "Checking source"
PART = "keras/src/layers/core"


def tree(*, part: bool) -> Path:
    """The folder of the installed Keras, which is not imported, or one folder of it."""
    spec = importlib.util.find_spec("keras")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Keras is not installed")
    return Path(spec.submodule_search_locations[0]) / ("src/layers/core" if part else "")


def start(work: Work, words: tuple[str, ...], *, part: bool = False, warm: bool = False) -> Callable[[], Any]:
    """Runs `python -m` with some words on the tree; once before the clock starts, if it shall be warm."""
    command = [sys.executable, "-m", *words, str(tree(part=part or work.tiny))]

    def action() -> None:
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if ended.returncode < 0 or b"Traceback" in ended.stderr or b"No module named" in ended.stderr:
            raise SystemExit(ended.stderr.decode())

    if warm:
        action()
    return action


def facts(tiny: bool) -> str:
    """How large the trees are."""
    return f"All of Keras: {_size(tree(part=False))}. `{PART}`: {_size(tree(part=True))}."


def _size(folder: Path) -> str:
    files = list(folder.rglob("*.py"))
    return f"{len(files)} files, {sum(path.read_bytes().count(bytes([10])) for path in files):,} lines"


def races() -> list[Race]:
    """One race on all of Keras, one on a part of it."""
    check, ruff, pylint = ("kept", "check"), ("ruff", "check", "--isolated"), ("pylint", "--score=n", "-j", "0")
    whole = (
        Way("`kept check`, cold", partial(start, words=check)),
        Way("`kept check`, warm", partial(start, words=check, warm=True)),
        Way("`ruff check`, cold", partial(start, words=ruff), needs="ruff"),
        Way("`ruff check`, warm", partial(start, words=ruff, warm=True), needs="ruff"),
    )
    part = (
        Way("`kept check`, cold", partial(start, words=check, part=True)),
        Way("`pylint`", partial(start, words=pylint, part=True), needs="pylint"),
    )
    return [Race("All of Keras", whole), Race(f"`{PART}`", part)] if installed("keras") else []
