"""Where the boxes of a graph stand: rows from top to bottom, few crossings, long edges beside what they pass.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981). Every step
is linear in boxes and bends, but for the sorting of rows; bends are few, whatever the graph is.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["BOX_WIDTH", "Layout", "Net", "laid_out"]

BOX_WIDTH = 232
_BEND_WIDTH, _SPACE = 10, 26
_MOST_BENDS = 20_000
_LOOSE_COLUMNS = 4
_ORDERINGS, _PLACINGS = 6, 8
_BOX_WEIGHT, _BEND_WEIGHT = 1e6, 1.0


@dataclass(frozen=True, slots=True)
class Net:
    """The edges that begin at one box.

    Attributes:
        source: The box.
        bends: Where they pass the rows below it, one x for each row; those that end earlier leave it there.
        targets: Where they end.
        back: Where they end above: a layer that is called again with what came of it.
    """

    source: int
    bends: tuple[int, ...]
    targets: tuple[int, ...]
    back: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of boxes.

    Attributes:
        xs: The middle of each box.
        rows: The row of each, from 0.
        nets: The edges.
        width: All boxes and bends are from 0 to there.
    """

    xs: tuple[int, ...]
    rows: tuple[int, ...]
    nets: tuple[Net, ...]
    width: int


def laid_out(inputs: Sequence[Sequence[int]]) -> Layout:
    """Places boxes below those that they have an edge from.

    Args:
        inputs: For each box the boxes that an edge leads from; those without any edge come last, side by side.
    """
    graph = _Graph(inputs)
    graph.rank()
    graph.bend()
    graph.order()
    xs = graph.place()
    return graph.layout(xs)


@dataclass(slots=True)
class _Graph:
    """Boxes 0 to n - 1, and bends from n on."""

    inputs: Sequence[Sequence[int]]
    targets: list[list[int]] = field(default_factory=list)
    back: dict[int, list[int]] = field(default_factory=dict)
    row_of: list[int] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    above: list[list[int]] = field(default_factory=list)
    below: list[list[int]] = field(default_factory=list)
    bends: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        edges: list[list[int]] = [[] for _ in self.inputs]
        for target, sources in enumerate(self.inputs):
            for source in dict.fromkeys(sources):
                if source != target:
                    edges[source].append(target)
        self.targets = edges
        self._cut_circles()

    @property
    def count(self) -> int:
        return len(self.inputs)

    def _cut_circles(self) -> None:
        """Takes out edges that lead back to a box on the way to them."""
        state = [0] * self.count  # 1 while what follows is looked at, 2 after that
        for begin in range(self.count):
            if state[begin]:
                continue
            state[begin] = 1
            waiting = [(begin, iter(list(self.targets[begin])))]
            while waiting:
                box, following = waiting[-1]
                target = next(following, None)
                if target is None:
                    state[box] = 2
                    waiting.pop()
                elif state[target] == 1:
                    self.targets[box].remove(target)
                    self.back.setdefault(box, []).append(target)
                elif not state[target]:
                    state[target] = 1
                    waiting.append((target, iter(list(self.targets[target]))))

    def rank(self) -> None:
        """The row of a box is the length of the longest way to it; what nothing leads to stands just above its use."""
        missing = [0] * self.count
        for targets in self.targets:
            for target in targets:
                missing[target] += 1
        rows = [0] * self.count
        first = [box for box in range(self.count) if not missing[box]]
        ready = list(first)
        while ready:
            box = ready.pop()
            for target in self.targets[box]:
                rows[target] = max(rows[target], rows[box] + 1)
                missing[target] -= 1
                if not missing[target]:
                    ready.append(target)
        for box in first:
            if self.targets[box]:
                rows[box] = min(rows[target] for target in self.targets[box]) - 1
        linked = {box for box, targets in enumerate(self.targets) if targets or box in self.back}
        linked.update(target for targets in self.targets for target in targets)
        deepest = max((rows[box] for box in linked), default=-1)
        for place, box in enumerate(box for box in range(self.count) if box not in linked):
            rows[box] = deepest + 1 + place // _LOOSE_COLUMNS
        self.row_of = rows

    def bend(self) -> None:
        """Long edges of one box pass each row at one place; the longest, where there are too many, go straight."""
        self.rows = [[] for _ in range(max(self.row_of, default=-1) + 1)]
        for box, row in enumerate(self.row_of):
            self.rows[row].append(box)
        self.above, self.below = [[] for _ in self.inputs], [[] for _ in self.inputs]
        last = [max((self.row_of[one] for one in targets), default=0) for targets in self.targets]
        left = _MOST_BENDS
        for box in sorted(range(self.count), key=lambda one: last[one] - self.row_of[one]):
            length = max(last[box] - self.row_of[box] - 1, 0)
            left -= length
            chain = [box] if left < 0 else [box, *self._chain(box, length)]
            self.bends[box] = chain[1:]
            for upper, lower in pairwise(chain):
                self._link(upper, lower)
            for target in self.targets[box]:
                step = self.row_of[target] - self.row_of[box] - 1
                if step < len(chain):
                    self._link(chain[step], target)

    def _chain(self, box: int, length: int) -> Iterable[int]:
        for row in range(self.row_of[box] + 1, self.row_of[box] + 1 + length):
            bend = len(self.above)
            self.above.append([])
            self.below.append([])
            self.rows[row].append(bend)
            yield bend

    def _link(self, upper: int, lower: int) -> None:
        self.below[upper].append(lower)
        self.above[lower].append(upper)

    def order(self) -> None:
        """Sorts each row by the middle of its neighbours above, then below, and keeps what crosses least."""
        best, fewest = self.rows, self._crossings(self.rows)
        rows = [list(row) for row in self.rows]
        for turn in range(_ORDERINGS):
            if not fewest:
                break
            downwards = turn % 2 == 0
            place: dict[int, float] = {}
            for row in rows if downwards else reversed(rows):
                linked = self.above if downwards else self.below
                middle = {
                    one: sum(place[other] for other in linked[one]) / len(linked[one]) if linked[one] else float(at)
                    for at, one in enumerate(row)
                }
                row.sort(key=middle.__getitem__)
                place.update((one, float(at)) for at, one in enumerate(row))
            crossings = self._crossings(rows)
            if crossings < fewest:
                best, fewest = [list(row) for row in rows], crossings
        self.rows = best

    def _crossings(self, rows: list[list[int]]) -> int:
        total = 0
        for upper, lower in pairwise(rows):
            place = {one: at for at, one in enumerate(lower)}
            seen: list[int] = []
            for one in upper:
                ends = [place[other] for other in self.below[one]]
                total += sum(len(seen) - bisect_right(seen, end) for end in ends)
                for end in ends:
                    insort(seen, end)
        return total

    def place(self) -> list[float]:
        """Moves everything towards its neighbours, as far as the order in each row lets it."""
        xs = [0.0] * len(self.above)
        for row in self.rows:
            for one, x in zip(row, self._apart(row, [0.0] * len(row)), strict=True):
                xs[one] = x
        for turn in range(_PLACINGS):
            downwards = turn % 2 == 0
            linked = self.above if downwards else self.below
            for row in self.rows if downwards else reversed(self.rows):
                wished = [self._middle(linked[one], xs, xs[one]) for one in row]
                for one, x in zip(row, self._apart(row, wished), strict=True):
                    xs[one] = x
        return xs

    def _middle(self, linked: list[int], xs: list[float], otherwise: float) -> float:
        """The middle of the boxes among some neighbours; that of bends where no box is."""
        boxes = [xs[one] for one in linked if one < self.count] or [xs[one] for one in linked]
        return sum(boxes) / len(boxes) if boxes else otherwise

    def _apart(self, row: list[int], wished: list[float]) -> list[float]:
        """The places closest to those wished for at which nothing touches: isotonic regression by pooling."""
        offsets = [0.0]
        for left, right in pairwise(row):
            offsets.append(offsets[-1] + (self._width(left) + self._width(right)) / 2 + _SPACE)
        pools: list[tuple[float, float, int]] = []  # mean, weight, how many
        for one, wish, offset in zip(row, wished, offsets, strict=True):
            mean, weight, size = wish - offset, _BOX_WEIGHT if one < self.count else _BEND_WEIGHT, 1
            while pools and pools[-1][0] > mean:
                other, heavier, longer = pools.pop()
                mean = (mean * weight + other * heavier) / (weight + heavier)
                weight, size = weight + heavier, size + longer
            pools.append((mean, weight, size))
        means = [mean for mean, _, size in pools for _ in range(size)]
        return [mean + offset for mean, offset in zip(means, offsets, strict=True)]

    def _width(self, one: int) -> int:
        return BOX_WIDTH if one < self.count else _BEND_WIDTH

    def layout(self, xs: list[float]) -> Layout:
        """The places as whole numbers from 0 on."""
        left = min((x - self._width(one) / 2 for one, x in enumerate(xs)), default=0.0)
        right = max((x + self._width(one) / 2 for one, x in enumerate(xs)), default=0.0)
        at = [round(x - left) for x in xs]
        nets = tuple(
            Net(box, tuple(at[one] for one in self.bends[box]), tuple(targets), tuple(self.back.get(box, ())))
            for box, targets in enumerate(self.targets)
            if targets or box in self.back
        )
        return Layout(tuple(at[: self.count]), tuple(self.row_of), nets, round(right - left))
