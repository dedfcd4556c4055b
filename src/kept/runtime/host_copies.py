"""Copies of a model's values in host memory, so that it may go on changing while they are written."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..formats.artifact import NewTensor
from ..formats.threads import THREAD_COUNT
from .backends import as_array
from .codecs import untracked
from .snapshot import Snapshot
from .walk import ATOMS, Place, own_attributes

__all__ = ["HostCopies", "attributes_apart"]

_LARGE_NBYTES = 1 << 21


class HostCopies:
    """Copies of variables and arrays; memory of the last ones is used again where it fits."""

    def __init__(self) -> None:
        self._copies: dict[int, tuple[Any, np.ndarray]] = {}

    def take(self, values: Iterable[Any]) -> None:
        """Copies values as they are now, and forgets those of before."""
        before, self._copies = self._copies, {}
        self._copy(list(values), before)

    def add(self, values: Iterable[Any]) -> None:
        """Copies values that were not copied yet."""
        self._copy([one for one in values if id(one) not in self._copies], {})

    def _copy(self, values: list[Any], before: dict[int, tuple[Any, np.ndarray]]) -> None:
        lives = [as_array(one) for one in values]
        into = [_fitting(before.get(id(one), (None, None))[1], live) for one, live in zip(values, lives, strict=True)]
        _copy_all(list(zip(into, lives, strict=True)))
        self._copies.update({id(one): (one, copied) for one, copied in zip(values, into, strict=True)})

    def tensor(self, value: Any) -> NewTensor:
        """The copy of a value, to be written; the value itself where none was taken."""
        found = self._copies.get(id(value))
        return NewTensor.of(as_array(value) if found is None else found[1])


def _copy_all(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Copies from the second of each pair to the first; large arrays in threads, since numpy holds no GIL meanwhile."""
    with ThreadPoolExecutor(THREAD_COUNT) as pool:
        working = [pool.submit(np.copyto, *pair) for pair in pairs if pair[0].nbytes >= _LARGE_NBYTES]
        for into, live in pairs:
            if into.nbytes < _LARGE_NBYTES:
                np.copyto(into, live)
        for one in working:
            one.result()


def _fitting(memory: np.ndarray | None, live: np.ndarray) -> np.ndarray:
    fits = memory is not None and memory.shape == live.shape and memory.dtype == live.dtype
    return memory if fits and memory is not None else np.empty(live.shape, live.dtype)


def attributes_apart(places: Iterable[Place], snapshot: Snapshot) -> dict[tuple[str, str], Any]:
    """Attributes that can be written, apart from the objects that go on changing them, by object path and name."""
    found = list(places)
    # what the model holds as an object stays that object in the copy
    shared = {id(one.value): one.value for one in found if not isinstance(one.value, np.ndarray)}
    return {
        (place.path, name): _apart(untracked(attribute), shared)
        for place in found
        if place.path in snapshot.objects
        for name, attribute in own_attributes(place.value).items()
        if name in snapshot.objects[place.path].attributes
    }


def _apart(value: Any, memo: dict[int, Any]) -> Any:
    if type(value) in ATOMS:
        return value
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # a lock, a file: what cannot be copied is most likely not changed either
        return value
