"""Saving a model of two layers, where all time is overhead: the first save in a process, and those after it.

A proven save waits for a process that loads the file and compares. The first one starts it; from then on it stands by.
Keras asks on each backend whether something is a type of TensorFlow, and so imports TensorFlow where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.races import Race, Way, Work, backends

TITLE = "A small model"
RACE = "Two layers"
UNPROVEN = "`kept.save(verify=False)`, first in a process"
SECOND = "`kept.save`, proven, second in a process"
BESIDE = ", TensorFlow installed"


def start(work: Work, save: Callable[[Any], Any], *, second: bool = False) -> Callable[[], Any]:
    """Saves a small model, once before the clock starts if asked for."""
    from benchmarks.models import build

    model = build("small", tiny=True)
    if second:
        save(model)
    return lambda: save(model)


def kept_save(model: Any, **options: Any) -> Any:
    """That of kept, of which nothing but `kept` itself is imported before."""
    import kept

    return kept.save(model, "model.keras", **options)


def keras_save(model: Any) -> None:
    """That of stock Keras."""
    model.save("model.keras")


def race(backend: str) -> Race:
    """Both on one backend."""
    unproven = partial(kept_save, verify=False)
    ways = [
        Way(UNPROVEN, partial(start, save=unproven)),
        Way("`kept.save(verify=False)`, second in a process", partial(start, save=unproven, second=True)),
        Way("`kept.save`, proven, first in a process", partial(start, save=kept_save)),
        Way(SECOND, partial(start, save=kept_save, second=True)),
        Way("`model.save`, first in a process", partial(start, save=keras_save)),
        Way("`model.save`, second in a process", partial(start, save=keras_save, second=True)),
    ]
    if backend != "tensorflow":
        beside = partial(Way, needs="tensorflow", beside_tensorflow=True)
        ways.append(beside(UNPROVEN + BESIDE, partial(start, save=unproven)))
        ways.append(beside("`model.save`, first in a process" + BESIDE, partial(start, save=keras_save)))
    return Race(RACE, tuple(ways), backend)


def races() -> list[Race]:
    """Every backend."""
    return [race(backend) for backend in backends()]
