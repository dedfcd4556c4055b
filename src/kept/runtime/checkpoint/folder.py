"""The folder of a training. A name in it stands for a proven file, so that the folder itself is the index."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...errors import CorruptFileError, KeptError, shown
from ...formats import temporary
from ...formats.artifact import Artifact
from ...formats.base import open_artifact
from ...formats.write_errors import writing

__all__ = ["EXTENSION", "WEIGHTS_EXTENSION", "Entry", "entries", "made", "new_path", "remove_old", "training_of"]

EXTENSION, WEIGHTS_EXTENSION = ".keras", ".weights.h5"
_NAME = re.compile(r"(\d{5,})-step-(\d+)(\.keras|\.weights\.h5)")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A checkpoint.

    Attributes:
        number: Its place in the order in which they were written.
        steps: Batches that had been trained on.
        path: The file.
    """

    number: int
    steps: int
    path: str


def entries(folder: str) -> list[Entry]:
    """The checkpoints of a folder, the oldest first; none where there is no such folder."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeptError("the folder cannot be read", path=folder, found=str(error)) from error
    found = [(match, name) for name in names if (match := _NAME.fullmatch(name))]
    return sorted(Entry(int(match.group(1)), int(match.group(2)), os.path.join(folder, name)) for match, name in found)


def made(folder: str) -> None:
    """Makes the folder where it is missing, and removes what a killed process left in it.

    Raises:
        WriteError: It cannot be made.
    """
    with writing(folder):
        os.makedirs(folder, exist_ok=True)
    for left in temporary.stale_in(folder):
        temporary.remove(left)


def new_path(folder: str, steps: int, extension: str) -> str:
    """The place of the next checkpoint: `00007-step-1200.keras`."""
    last = max((one.number for one in entries(folder)), default=0)
    return os.path.join(folder, f"{last + 1:05d}-step-{steps}{extension}")


def training_of(artifact: Artifact) -> dict[str, Any]:
    """What a checkpoint records of its training.

    Raises:
        CorruptFileError: Nothing, or something else.
    """
    record = artifact.record or {}
    found = record.get("training") if isinstance(record, dict) else None
    if not isinstance(found, dict):
        raise CorruptFileError("this is no checkpoint of a training", path=artifact.path, found=shown(found))
    return found


def remove_old(folder: str, keep: int | None, is_better: Callable[[float, float], bool]) -> None:
    """Removes all but the newest checkpoints, and never the best one.

    Args:
        folder: Its newest checkpoint is proven.
        keep: How many stay; None for all.
        is_better: Whether the first of two monitored values is the better one.
    """
    found = entries(folder)
    if keep is None or len(found) <= keep:
        return
    best = _best(found, is_better)
    for one in found[:-keep]:
        if one != best:
            with writing(one.path), suppress(FileNotFoundError):
                os.unlink(one.path)


def _best(found: Iterable[Entry], is_better: Callable[[float, float], bool]) -> Entry | None:
    best: tuple[float, Entry] | None = None
    for one in found:
        value = _value(one)
        if value is not None and (best is None or not is_better(best[0], value)):  # of equals the newer one
            best = value, one
    return best[1] if best else None


def _value(entry: Entry) -> float | None:
    try:
        with open_artifact(entry.path) as artifact:
            value = training_of(artifact).get("value")
    except KeptError:  # a damaged one is no best one
        return None
    return float(value) if isinstance(value, (int, float)) else None
