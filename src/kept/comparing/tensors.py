"""Which tensor of one file is which of the other: by path, by shape in order, by what it holds."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from kept.report import Stored

__all__ = ["TensorPair", "align", "by_key", "by_path", "relative"]


@dataclass(frozen=True, slots=True)
class TensorPair:
    """A tensor in both files, or in one of them.

    Attributes:
        path: Its path from the layer that it belongs to.
        a: None where the first file has none.
        b: None where the second has none.
        moved: Whether its path says nothing, and they were found to be one by what they hold.
    """

    path: str
    a: Stored | None
    b: Stored | None
    moved: bool = False


def relative(tensor: Stored, group: str) -> str:
    """The path of a tensor from the layer that has it."""
    return tensor.path.removeprefix(f"{group}/") if group else tensor.path


def by_path(
    a: Sequence[Stored], b: Sequence[Stored], group_a: str, group_b: str
) -> tuple[list[TensorPair], list[Stored], list[Stored]]:
    """Pairs tensors of one path from their layers.

    Returns:
        The pairs in the order of the second file, and what is left of either.
    """
    paths_a = {relative(one, group_a): one for one in a}
    paths_b = {relative(one, group_b): one for one in b}
    pairs = [TensorPair(path, paths_a[path], one) for path, one in paths_b.items() if path in paths_a]
    left_a = [one for path, one in paths_a.items() if path not in paths_b]
    return pairs, left_a, [one for path, one in paths_b.items() if path not in paths_a]


def by_key(
    a: list[Stored], b: list[Stored], key: Callable[[Stored], Hashable | None], *, moved: bool = False
) -> list[TensorPair]:
    """Pairs, in order, tensors that have one key, and takes them out of the lists; None is no key."""
    waiting: dict[Hashable, deque[Stored]] = defaultdict(deque)
    for one in b:
        waiting[key(one)].append(one)
    pairs, rest = [], []
    for one in a:
        name = key(one)
        if name is not None and waiting.get(name):
            pairs.append(TensorPair(one.path, one, waiting[name].popleft(), moved))
        else:
            rest.append(one)
    taken = {id(pair.b) for pair in pairs}
    a[:] = rest
    b[:] = [one for one in b if id(one) not in taken]
    return pairs


def align(a: list[Stored], b: list[Stored]) -> list[TensorPair]:
    """Pairs tensors of one layer that two formats call by other paths: one shape after another, in order.

    A layer that goes both ways is written forward first in a legacy `.h5`, and in alphabetical order elsewhere.
    """
    for tensors in (a, b):
        tensors.sort(key=lambda one: "/backward_" in one.path)
    return by_key(a, b, lambda one: one.shape)
