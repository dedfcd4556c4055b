"""How long a training step waits for `kept.Checkpoint`, beside one copy of the weights in memory.

The callback copies the weights, lets the training go on, and writes and proves in the background.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.races import MODELS, Race, Way, Work, backends

TITLE = "Checkpoints"
STALL = "`kept.Checkpoint`, one step that saves"
COPY = "copy of the weights in memory"


def stall(work: Work) -> Callable[[], Any]:
    """The end of a training batch after which the callback saves; none was saved before."""
    import kept
    from benchmarks.models import build

    model = build(work.model, tiny=work.tiny)
    model.compile("sgd", "mse")
    callback = kept.Checkpoint("checkpoints", save_freq=1)
    callback.set_model(model)
    callback.set_params({"epochs": 1, "steps": 1})
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    return partial(callback.on_train_batch_end, 0, {"loss": 0.0})


def copy(work: Work) -> Callable[[], Any]:
    """A copy of every array."""
    from benchmarks.arrays import copies
    from benchmarks.models import build

    model = build(work.model, tiny=work.tiny)
    return partial(copies, model)


def races() -> list[Race]:
    """The large model on every backend."""
    import kept

    if not hasattr(kept, "Checkpoint"):
        return []
    ways = (Way(STALL, stall), Way(COPY, copy))
    return [Race(MODELS["dense"], ways, backend, "dense") for backend in backends()]
