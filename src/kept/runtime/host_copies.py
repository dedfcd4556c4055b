"""Copies of a model's values in host memory, so that it may go on changing while they are written."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np

from .codecs import untracked
from .snapshot import Snapshot, as_array
from .walk import Place, own_attributes

__all__ = ["HostCopies", "attributes_apart"]

_PLAIN = (type(None), bool, int, float, complex, str, bytes)


class HostCopies:
    """Copies of variables and arrays; memory of the last ones is used again where it fits."""

    def __init__(self) -> None:
        self._copies: dict[int, tuple[Any, np.ndarray]] = {}

    def take(self, values: Iterable[Any]) -> None:
        """Copies values as they are now, and forgets those of before."""
        before = self._copies
        self._copies = {}
        for value in values:
            _, memory = before.get(id(value), (None, None))
            self._copies[id(value)] = value, _copied(value, memory)

    def add(self, values: Iterable[Any]) -> None:
        """Copies values that were not copied yet."""
        for value in values:
            if id(value) not in self._copies:
                self._copies[id(value)] = value, _copied(value, None)

    def read(self, value: Any) -> np.ndarray:
        """The copy of a value; the value itself where none was taken."""
        found = self._copies.get(id(value))
        return as_array(value) if found is None else found[1]


def _copied(value: Any, memory: np.ndarray | None) -> np.ndarray:
    live = as_array(value)
    if memory is None or memory.shape != live.shape or memory.dtype != live.dtype:
        memory = np.empty(live.shape, live.dtype)
    np.copyto(memory, live)
    return memory


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
    if type(value) in _PLAIN:
        return value
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # a lock, a file: what cannot be copied is most likely not changed either
        return value
