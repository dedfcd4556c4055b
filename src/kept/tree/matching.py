"""Which entry of one list is which of another: by names that were given, by content, by place among those known."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from .names import snake_case

__all__ = ["Entry", "Match", "matched"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one entry.

    Attributes:
        name: May be empty.
        kind: Class, or whatever stands for one.
        settings: A digest of what it was made with, without its name.
        content: A digest of its values; empty where they are not known, or there are none.
    """

    name: str
    kind: str
    settings: str = ""
    content: str = ""

    @property
    def given_name(self) -> str:
        """Its name, where somebody gave it one: Keras itself numbers layers of a class as they come."""
        made = snake_case(self.kind)
        return "" if re.fullmatch(rf"{re.escape(made)}(_\d+)?", self.name) else self.name


@dataclass(frozen=True, slots=True)
class Match:
    """Two entries that are one, by their places.

    Attributes:
        a: Place in the first list.
        b: Place in the second.
        moved: Whether it stands elsewhere among those that are in both: the fewest that explain the order.
    """

    a: int
    b: int
    moved: bool = False


def matched(a: Sequence[Entry], b: Sequence[Entry]) -> list[Match]:
    """Finds what is in both lists, in the order of the first; takes time about as the lists are long.

    The answer does not depend on which of the two is called first.
    """
    if not a or not b:
        return []
    if _order(a) <= _order(b):
        return _Matching(a, b).matches()
    return sorted((Match(one.b, one.a, one.moved) for one in _Matching(b, a).matches()), key=lambda one: one.a)


def _order(entries: Sequence[Entry]) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.kind, one.settings, one.content) for one in entries]


_Key = Callable[[Entry], Hashable]
_SAME: _Key = lambda one: (one.kind, one.settings, one.name)  # noqa: E731  keys, each a line
_ALIKE: _Key = lambda one: (one.kind, one.settings)  # noqa: E731
_NAMED: _Key = lambda one: (one.kind, one.name) if one.name else None  # noqa: E731
_KIND: _Key = lambda one: one.kind  # noqa: E731
_GIVEN: _Key = lambda one: one.given_name or None  # noqa: E731


class _Matching:
    def __init__(self, a: Sequence[Entry], b: Sequence[Entry]) -> None:
        self.a, self.b = a, b
        self.to_b: dict[int, int] = {}
        self.to_a: dict[int, int] = {}

    def matches(self) -> list[Match]:
        self._unique(lambda one: (one.kind, one.given_name) if one.given_name else None)
        self._unique(lambda one: (one.kind, one.content) if one.content else None)
        for key in (_SAME, _ALIKE):
            self._between(key)
        self._in_order(_SAME)
        self._in_order(_ALIKE)
        for key in (_NAMED, _KIND):
            self._between(key)
        self._in_order(_NAMED)
        self._between(_GIVEN)
        found = sorted(self.to_b.items())
        steady = _longest_rise([b for _, b in found])
        return [Match(a, b, index not in steady) for index, (a, b) in enumerate(found)]

    def _add(self, a: int, b: int) -> None:
        self.to_b[a], self.to_a[b] = b, a

    def _free(self) -> tuple[list[int], list[int]]:
        return (
            [index for index in range(len(self.a)) if index not in self.to_b],
            [index for index in range(len(self.b)) if index not in self.to_a],
        )

    def _unique(self, key: _Key) -> None:
        """Pairs what one key names on either side, and names once."""
        found: list[dict[Hashable, list[int]]] = []
        for entries, free in zip((self.a, self.b), self._free(), strict=True):
            places: dict[Hashable, list[int]] = defaultdict(list)
            for index in free:
                places[key(entries[index])].append(index)
            found.append(places)
        for name, places_a in found[0].items():
            places_b = found[1].get(name, [])
            if name is not None and len(places_a) == len(places_b) == 1:
                self._add(places_a[0], places_b[0])

    def _in_order(self, key: _Key) -> None:
        free_a, free_b = self._free()
        self._pair(key, dict.fromkeys(free_a, 0), dict.fromkeys(free_b, 0))

    def _between(self, key: _Key) -> None:
        """Pairs in order what stands after, then what stands before, the same known entry."""
        for backwards in (False, True):
            free_a, free_b = map(frozenset, self._free())
            places_a = range(len(self.a))[:: -1 if backwards else 1]
            places_b = range(len(self.b))[:: -1 if backwards else 1]
            known, gaps_a, gaps_b = -1, {}, {}
            for index in places_a:
                known = self.to_b.get(index, known)
                if index in free_a:
                    gaps_a[index] = known
            known = -1
            for index in places_b:
                known = index if index in self.to_a else known
                if index in free_b:
                    gaps_b[index] = known
            self._pair(key, gaps_a, gaps_b)

    def _pair(self, key: _Key, gaps_a: dict[int, int], gaps_b: dict[int, int]) -> None:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for index, gap in gaps_b.items():
            waiting[gap, key(self.b[index])].append(index)
        for index, gap in gaps_a.items():
            name = key(self.a[index])
            if name is not None and waiting.get((gap, name)):
                self._add(index, waiting[gap, name].popleft())


def _longest_rise(numbers: Sequence[int]) -> frozenset[int]:
    """The places of a longest rising part of a list without repetitions."""
    ends: list[int] = []  # the least number at which a rise of each length ends, and where that is
    places: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(places[length - 1] if length else -1)
        if length == len(ends):
            ends.append(number)
            places.append(index)
        else:
            ends[length], places[length] = number, index
    found, at = set(), places[-1] if places else -1
    while at >= 0:
        found.add(at)
        at = before[at]
    return frozenset(found)
