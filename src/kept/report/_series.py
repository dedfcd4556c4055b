"""Long lists of layers in series: those whose names begin alike, as the blocks of most models do, stand together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from kept.report import Layer

__all__ = ["in_series", "is_series"]

_MANY, _FEWEST = 30, 3
_LARGEST_SHARE, _MOST_LEFT = 0.5, 0.6
_MOST_WORDS = 4
_WORD = re.compile(r"[^_./\-]+[_./\-]?")


def is_series(layer: Layer) -> bool:
    """Whether a layer is none, but what was put together here."""
    return not layer.path and not layer.class_name and bool(layer.layers)


def in_series(layers: Sequence[Layer], words: int = 1) -> tuple[Layer, ...]:
    """Layers as they are, or with a series in place of each run of them whose names begin with the same words.

    A run is one only if it is the only one of its name, so that the graph between series is that of the layers.

    Args:
        layers: Those of one model, in order.
        words: Of how many words the beginnings are at least.
    """
    if len(layers) <= _MANY:
        return tuple(layers)
    for number in range(words, _MOST_WORDS + 1):
        runs = _runs(layers, number)
        long = [name for name, run in runs if len(run) >= _FEWEST]
        left = sum(1 if len(run) >= _FEWEST else len(run) for _, run in runs)
        largest = max(len(run) for _, run in runs)
        if len(set(long)) < len(long) or largest > _LARGEST_SHARE * len(layers) or left > _MOST_LEFT * len(layers):
            continue
        return tuple(one for name, run in runs for one in _told(name, run, number))
    return tuple(layers)


def _runs(layers: Sequence[Layer], words: int) -> list[tuple[str, list[Layer]]]:
    def beginning(layer: Layer) -> str:
        return "".join(_WORD.findall(layer.name[:300])[:words]).rstrip("_./-")

    if not any(layer.inputs for layer in layers):  # no order that means anything
        first: dict[str, int] = {}
        for place, layer in enumerate(layers):
            first.setdefault(beginning(layer), place)
        layers = sorted(layers, key=lambda layer: first[beginning(layer)])
    return [(name, list(run)) for name, run in groupby(layers, beginning)]


def _told(name: str, run: list[Layer], words: int) -> list[Layer]:
    if len(run) < _FEWEST or not name:
        return run
    return [replace(Layer("", name), layers=in_series(run, words + 1))]
