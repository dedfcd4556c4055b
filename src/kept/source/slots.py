"""What may stand where in a config of Keras, release by release: read from files that ship with kept.

`tests/keras_slots.py` writes the files, from Keras itself. A position that is not listed takes no object, and an object
that is not listed for a position may not stand there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from kept.source.spelling import keras_name

__all__ = ["ANY", "DATA", "Known", "Slots", "newest", "releases"]

_HOME = Path(__file__).parent
ANY, DATA = "any", "data"
_REFUSED = frozenset({"code", "foreign", "other"})
_FUNCTIONS = " function"
# What files of Keras 1 and 2 hold that no release of Keras 3 has.
_BYGONE = {
    "AtrousConvolution1D": "layer", "AtrousConvolution2D": "layer", "CuDNNGRU": "layer", "CuDNNLSTM": "layer",
    "DenseFeatures": "layer", "Highway": "layer", "LocallyConnected1D": "layer", "LocallyConnected2D": "layer",
    "MaxoutDense": "layer", "Merge": "layer", "SyncBatchNormalization": "layer", "TimeDistributedDense": "layer",
    "LinearModel": "model", "WideDeepModel": "model", "Policy": "dtype policy", "PolicyV1": "dtype policy",
    "LegacyAdam": "optimizer", "TFOptimizer": "optimizer", "ClassMethod": "foreign", "InstanceMethod": "foreign",
    "InstanceProperty": "foreign", "SlicingOpLambda": "foreign", "TFOpLambda": "foreign",
    "TensorFlowOpLayer": "foreign",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A class or function of Keras.

    Attributes:
        path: Its canonical path: `keras.layers.Dense`.
        group: What it is: `layer`, `activation function`, ...; `other` for what no model needs.
    """

    path: str
    group: str

    @property
    def is_function(self) -> bool:
        """Whether it is one of the functions that compute."""
        return self.group.endswith(_FUNCTIONS)


class Slots:
    """The positions of one release.

    Args:
        data: What the file of the release says.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.version: str = data["version"]
        self._slots: dict[str, frozenset[str]] = {name: frozenset(found) for name, found in data["slots"].items()}
        self._slots[ANY] = frozenset(data["groups"]) - _REFUSED
        self._groups: dict[str, dict[str, str]] = data["groups"]
        self._keys: dict[str, str] = data["keys"]
        self._names: dict[str, str] = data["names"]
        self._endings: tuple[str, ...] = tuple(f"_{one}" for one in data["endings"])
        self._texts = {slot: frozenset(names.split()) for slot, names in data["texts"].items()}
        self._by_class: dict[str, dict[str, str]] = {}

    @cached_property
    def _paths(self) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for group, rows in self._groups.items():
            for path, others in rows.items():
                known = found[path] = Known(path, group)
                for other in others.split():
                    found.setdefault(other, known)
        return found

    @cached_property
    def _bare(self) -> dict[str, tuple[Known, ...]]:
        found: dict[str, dict[Known, None]] = {}
        for path, known in self._paths.items():
            found.setdefault(path.rpartition(".")[2], {})[known] = None
        for name, group in _BYGONE.items():
            found.setdefault(name, {Known(name, group): None})
        return {name: tuple(every) for name, every in found.items()}

    def find(self, module: str, name: str) -> tuple[Known, ...]:
        """What a module and a name mean: one class or function, or all of that name where the module is not known."""
        exact = self._paths.get(f"{module}.{name}") or self._paths.get(keras_name(f"{module}.{name}"))
        return (exact,) if exact else self._bare.get(name, ())

    def named(self, name: str) -> tuple[Known, ...]:
        """Every class and function of a bare name, which is all that files of Keras 2 say."""
        return self._bare.get(name, ())

    def has(self, module: str, name: str) -> bool:
        """Whether this release has it under that very path."""
        return f"{module}.{name}" in self._paths

    def allows(self, slot: str, known: Known) -> bool:
        """Whether a class or function may stand in a slot."""
        return known.group in self._slots[slot]

    def slot(self, path: str, key: str) -> str:
        """Which slot a key in the config of a class is: by the class, else by the name of the key."""
        known = self._by_class.get(path)
        if known is None:
            known = self._by_class[path] = _pairs(self._keys.get(path, ""))
        found = known.get(key)
        if found is None:
            found = known[key] = self.slot_of_key(key)
        return found

    def slot_of_key(self, key: str) -> str:
        """Which slot a key is, whatever the class."""
        found = self._names.get(key)
        if found is None:
            ending = next((one for one in self._endings if f"_{key}".endswith(one)), "")
            found = ending.removeprefix("_") or DATA
        return found

    def means(self, slot: str, text: str) -> bool:
        """Whether a text in a slot is the name of something of Keras; True where no texts are known for the slot."""
        names = self._texts.get(slot)
        return names is None or text in names


def _pairs(words: str) -> dict[str, str]:
    """`activation:activation dtype:dtype` as a dict."""
    halves = (word.partition(":") for word in words.split())
    return {key: slot for key, _, slot in halves}


def newest() -> Slots:
    """The table of the newest release that is known."""
    return next(releases())


def releases() -> Iterator[Slots]:
    """The tables, that of the newest release first; each is read when it is asked for."""
    return map(_load, _files())


@cache
def _files() -> tuple[Path, ...]:
    def numbers(path: Path) -> tuple[int, ...]:
        return tuple(map(int, path.stem.removeprefix("slots_").split("_")))

    return tuple(sorted(_HOME.glob("slots_*.json"), key=numbers, reverse=True))


@cache
def _load(path: Path) -> Slots:
    return Slots(json.loads(path.read_bytes()))
