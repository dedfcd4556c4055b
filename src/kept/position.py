"""Where a training stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Position"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where the training of a checkpoint stands.

    Attributes:
        path: The checkpoint; None when there was none, and the training is at its beginning.
        epoch: The epoch to go on with, counted from 0: as many were finished.
        step: Batches of that epoch that have been trained on.
        steps: Batches that have been trained on in all epochs together.
        best: The best value of what was monitored so far; None when nothing was.
        history: One value for each finished epoch, by the name of what was measured.
        finished: Whether a callback has stopped the training (as `EarlyStopping` does).
    """

    path: str | None = None
    epoch: int = 0
    step: int = 0
    steps: int = 0
    best: float | None = None
    history: Mapping[str, list[float]] = field(default_factory=dict)
    finished: bool = False
