"""How long a training waits for `kept.Checkpoint`, beside one copy of the weights in memory.

The callback copies the weights, lets the training go on, and writes and proves in the background. The first copy goes
into new memory, which the system has to clear page by page, and the model is described with it; later ones go into the
same memory. Each is beside a copy of its kind. The verifying process stands by, as it does once a training has begun,
and what was taken before is in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.races import MODELS, Outcome, Race, Way, Work, backends

TITLE = "Checkpoints"
FIRST, LATER = "`kept.Checkpoint`, the first", "`kept.Checkpoint`, a later one"
COPY, COPY_AGAIN = "copy into new memory", "copy into the same memory"


def checkpoint(work: Work, *, later: bool) -> Callable[[], Any]:
    """A checkpoint in a training loop; after another one, if asked for."""
    import kept
    from benchmarks.models import build

    model = build(work.model, tiny=work.tiny)
    model.compile("sgd", "mse")
    callback = kept.Checkpoint("checkpoints").__enter__()
    kept.save(build("small", tiny=True), "small.keras")  # the verifying process has started when it is proven
    if later:
        callback.save(model, epoch=0, step=1)
        callback.wait()

    def action() -> Any:
        callback.save(model, epoch=0, step=2)
        return callback

    return action


def finished(callback: Any) -> Outcome:
    """Waits until the checkpoint is proven: the clock has stopped."""
    callback.wait()
    return Outcome()


def copy(work: Work, *, later: bool) -> Callable[[], Any]:
    """A copy of every array, into new memory or into that of another copy."""
    from benchmarks.arrays import copies, copy_into
    from benchmarks.models import build

    model = build(work.model, tiny=work.tiny)
    return partial(copy_into, copies(model), model) if later else partial(copies, model)


def races() -> list[Race]:
    """A model of few large weights, and one of many small ones, on every backend."""
    import kept

    if "Checkpoint" not in kept.__all__:
        return []
    ways = (
        Way(FIRST, partial(checkpoint, later=False), finished),
        Way(LATER, partial(checkpoint, later=True), finished),
        Way(COPY, partial(copy, later=False)),
        Way(COPY_AGAIN, partial(copy, later=True)),
    )
    models = ("dense", "efficient_net")
    return [Race(MODELS[model], ways, backend, model) for model in models for backend in backends()]
