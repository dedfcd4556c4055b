"""Saving, in a fresh process that has imported Keras and its backend and built the model before the clock starts.

kept returns once the file is on the disk (`fsync`); Keras and the others return when the system has taken the bytes,
so that a power failure can still lose them. The rows with `fsync` make the two comparable. What was written before is
on the disk when the clock starts. "Proven" is `kept.save` as it comes: a fresh process loads the file and compares, one
that an earlier save has started. Peers write the weights alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.peers import Peer, peers
from benchmarks.races import MODELS, Outcome, Race, Way, Work, backends

TITLE = "Saving"
KEPT = "`kept.save(verify=False)`"
PROVEN = "`kept.save`, proven"
KERAS = "`model.save`"
RAW_SYNCED = "raw write, then `fsync`"
PLOTTED = (KEPT, KERAS)

Save = Callable[[Any, str], Any]


def prepare(work: Work) -> None:
    """Writes the model once, for those who write its bytes."""
    import kept
    from benchmarks.models import build

    kept.save(build(work.model, tiny=work.tiny), work.folder / "kept.keras", verify=False)


def start(work: Work, save: Callable[[], Save], *, synced: bool = False) -> Callable[[], str]:
    """The call of a function on a model."""
    from benchmarks.models import build

    model, function = build(work.model, tiny=work.tiny), save()

    def action() -> str:
        function(model, "model.keras")
        if synced:
            sync("model.keras")
        return "model.keras"

    return action


def sync(path: str) -> None:
    """Returns once a file is on the disk."""
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())


def kept_save() -> Save:
    """Without a proof; of kept, nothing but `kept` itself is imported before."""
    import kept

    return lambda model, path: kept.save(model, path, verify=False)


def kept_save_proven() -> Save:
    """With a proof; the process that gives it was started by a save of another model."""
    import kept
    from benchmarks.models import build

    kept.save(build("small", tiny=True), "other.keras", verify="structure")
    return kept.save


def keras_save() -> Save:
    """That of stock Keras."""
    return lambda model, path: model.save(path)


def outcome(path: str) -> Outcome:
    """See `benchmarks.arrays`, which imports Keras."""
    from benchmarks.arrays import file_outcome

    return file_outcome(Path(path))


def of_peer(peer: Peer, backend: str) -> Way:
    """A peer writes the arrays of the model."""

    def begin(work: Work) -> Callable[[], None]:
        from benchmarks.arrays import named
        from benchmarks.models import build

        arrays, save = named(build(work.model, tiny=work.tiny)), peer.saver(backend)
        return lambda: save(arrays, Path(peer.file))

    return Way(peer.name, begin, needs=peer.module)


def raw(work: Work, *, synced: bool) -> Callable[[], None]:
    """Writes the bytes of the file, by one call."""
    data = (work.folder / "kept.keras").read_bytes()

    def action() -> None:
        Path("raw").write_bytes(data)
        if synced:
            sync("raw")

    return action


def race(model: str, backend: str) -> Race:
    """One model on one backend; peers that only write arrays take part where the model is nothing else."""
    ways = [
        Way(KEPT, partial(start, save=kept_save), outcome),
        Way(PROVEN, partial(start, save=kept_save_proven), outcome),
        Way(KERAS, partial(start, save=keras_save), outcome),
    ]
    if model == "dense":
        ways.append(Way("`model.save`, then `fsync`", partial(start, save=keras_save, synced=True), outcome))
        ways.append(Way("raw write of the bytes", partial(raw, synced=False)))
        ways.append(Way(RAW_SYNCED, partial(raw, synced=True)))
        ways += [of_peer(peer, backend) for peer in peers(backend)]
    return Race(MODELS[model], tuple(ways), backend, model, prepare)


def races() -> list[Race]:
    """Every model on every backend."""
    return [race(model, backend) for model in MODELS for backend in backends(model)]
