"""Loading, in a fresh process that has imported Keras and its backend before the clock starts.

A model counts as loaded once a value of each page of its weights was read. `kept.load` reads the file that kept wrote,
Keras its own, the others the same weights in their own format; they return arrays, where kept and Keras build a model.
The files are warm: in the page cache, since they were just written.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.peers import Peer, peers
from benchmarks.races import MODELS, Outcome, Race, Way, Work, backends

TITLE = "Loading"
KEPT = "`kept.load`"
KERAS = "`keras.saving.load_model`"
PLOTTED = (KEPT, KERAS)


def prepare(work: Work) -> None:
    """Writes one model in every format."""
    import keras

    import kept
    from benchmarks.arrays import named
    from benchmarks.models import build
    from benchmarks.peers import save_all

    model = build(work.model, tiny=work.tiny)
    model.save(work.folder / "stock.keras")
    kept.save(model, work.folder / "kept.keras", verify=False)
    if work.model == "dense":
        save_all(named(model), keras.backend.backend(), work.folder)


def start(work: Work, load: Callable[[], Callable[[Any], Any]], file: str) -> Callable[[], Any]:
    """The call of a function on a file."""
    from benchmarks.arrays import touched

    function, path = load(), work.folder / file
    return lambda: touched(function(path))


def kept_load(**options: Any) -> Callable[[Any], Any]:
    """That of kept, of which nothing but `kept` itself is imported before."""
    import kept

    return lambda path: kept.load(path, **options)


def keras_load() -> Callable[[Any], Any]:
    """That of stock Keras."""
    import keras

    return keras.saving.load_model


def raw(work: Work) -> Callable[[], bytes]:
    """All bytes of the file, by one call."""
    return (work.folder / "kept.keras").read_bytes


def outcome(result: Any) -> Outcome:
    """See `benchmarks.arrays`, which imports Keras."""
    from benchmarks.arrays import outcome as taken_down

    return taken_down(result)


def way(name: str, load: Callable[[], Any], file: str, *, needs: str = "") -> Way:
    """A way whose result is compared."""
    return Way(name, partial(start, load=load, file=file), outcome, needs)


def of_peer(peer: Peer, backend: str) -> Way:
    """The arrays that a peer reads from its own file."""
    return way(peer.name, partial(peer.loader, backend), peer.file, needs=peer.module)


def race(model: str, backend: str) -> Race:
    """One model on one backend; peers that only read arrays take part where the model is nothing else."""
    import kept

    ways = [way(KEPT, kept_load, "kept.keras"), way(KERAS, keras_load, "stock.keras")]
    if model in ("dense", "efficient_net"):
        ways.append(way("`kept.load` of Keras's file", kept_load, "stock.keras"))
    if model == "dense":
        if "mmap" in inspect.signature(kept.load).parameters:
            ways.append(way("`kept.load(mmap=True)`", partial(kept_load, mmap=True), "kept.keras"))
        ways.append(Way("raw read of the bytes", raw, lambda read: Outcome(nbytes=len(read))))
        ways += [of_peer(peer, backend) for peer in peers(backend)]
    return Race(MODELS[model], tuple(ways), backend, model, prepare)


def races() -> list[Race]:
    """Every model on every backend."""
    return [race(model, backend) for model in MODELS for backend in backends(model)]
