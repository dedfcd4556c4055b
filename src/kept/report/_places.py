"""Where a finding stands, as the programs that read reports want it: files under this folder, cells of notebooks."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from kept.findings import Finding

__all__ = ["STREAMS", "command_word", "fingerprints", "line", "place", "relative", "said"]

STREAMS = ("-", "<stdin>")
_CELL = re.compile(r"(?P<file>.+\.ipynb):(?P<cell>cell \d+)")


def place(file: str) -> tuple[str, str]:
    """A file, and the cell in it where it is a notebook: `train.ipynb:cell 3` is `train.ipynb` and `cell 3`."""
    found = _CELL.fullmatch(file)
    return (found["file"], found["cell"]) if found else (file, "")


def relative(file: str) -> str:
    """The path with slashes, from this folder where it lies below; as it is where it does not."""
    path = PurePath(os.path.normpath(file))
    if path.is_absolute() and path.is_relative_to(os.getcwd()):
        path = path.relative_to(os.getcwd())
    return path.as_posix()


def line(one: Finding) -> int:
    """The line in the file itself; 0 when unknown, as in a notebook, whose lines are not those of its cells."""
    return 0 if place(one.location.file)[1] else one.location.line


def said(one: Finding) -> str:
    """What is wrong, where in a notebook or a model, and what becomes of it; one sentence."""
    cell = place(one.location.file)[1]
    where = [f"{cell}, line {one.location.line}"] if cell else []
    where += [one.where[0] + (f" and {len(one.where) - 1} more" if len(one.where) > 1 else "")] if one.where else []
    told = one.message + (f" ({'; '.join(where)})" if where else "")
    return f"{told}: {one.stock}" if one.stock else told


def command_word(file: str) -> str:
    """The file as a word of a command line."""
    return shlex.quote(place(file)[0])


def fingerprints(findings: Iterable[Finding], subject: str) -> list[str]:
    """A name for each finding that stays when lines move: of what it says, of which text, in which file."""
    told: Counter[str] = Counter()
    names = []
    for one in findings:
        file = relative(one.location.file) if one.location.file else subject
        text = " ".join(one.location.text.split())
        key = "\0".join((one.rule, file, one.kind, one.message, text, *one.where))
        names.append(hashlib.sha256(f"{key}\0{told[key]}".encode("utf-8", "replace")).hexdigest()[:32])
        told[key] += 1
    return names
