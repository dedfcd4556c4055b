"""Two files side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from kept.errors import KeptError
from kept.limits import DEFAULT_LIMITS, Limits
from kept.report import Compared, Comparison, Deviation, LayerChange, Stored, TensorChange
from kept.tree.change import Change, Kind

from .beside import assets_of, both_hold, compiled_of, only_in, sources_of, states_of, versions_of
from .identical import identical
from .ignoring import Ignoring
from .layers import LayerPair, Pairing
from .leftover import settle
from .numbers import Tolerance, compared
from .sides import Side, opened
from .tensors import TensorPair, align, by_path

__all__ = ["compare_files"]

PathLike = str | os.PathLike[str]
Progress = Callable[[int, int], None]


def compare_files(
    a: PathLike,
    b: PathLike,
    *,
    ignore: Iterable[str] = (),
    values: bool = True,
    tolerance: Tolerance | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = lambda done, total: None,
) -> Comparison:
    """Compares two model files of any format.

    Args:
        a: The first file or folder.
        b: The second.
        ignore: Words of `ignoring.WORDS`, and patterns.
        values: Whether tensors are read; else checksums that both files have are compared.
        tolerance: Relative and absolute; None for equality to the bit.
        limits: The caps of the readers.
        progress: Told how many bytes of how many tensors are compared.

    Raises:
        FormatError: The bytes of one are not what they claim to be.
        UnsafeContentError: One asks for something that no model needs.
        KeptError: They have nothing in common, as a config alone and weights alone.
    """
    with ExitStack() as open_files:
        sides = [open_files.enter_context(opened(path, limits)) for path in (a, b)]
        if identical(a, b):
            told = [Compared(side.path, side.found.title, side.found.nbytes, side.found.saved) for side in sides]
            return Comparison(told[0], told[1], identical=True)
        _refuse_strangers(sides[0], sides[1])
        turned = sides[1].tree is None and sides[0].tree is not None  # a config knows the order of layers
        first, second = sides[::-1] if turned else sides
        found = _Run(first, second, Ignoring(ignore), values, tolerance, progress).comparison()
        return found.mirrored() if turned else found


def _refuse_strangers(a: Side, b: Side) -> None:
    if (a.tree is None or b.tree is None) and bool(a.found.tensors) is not bool(b.found.tensors):
        has = [f"{side.path} has {'weights' if side.found.tensors else 'none that can be read'}" for side in (a, b)]
        raise KeptError("nothing in the two files can be compared", path=a.path, found=", ".join(has))


@dataclass(slots=True)
class _Run:
    a: Side
    b: Side
    ignoring: Ignoring
    values: bool
    tolerance: Tolerance | None
    progress: Progress
    unread_count: int = 0
    layer_count: int = 0

    def comparison(self) -> Comparison:
        a, b, ignoring = self.a, self.b, self.ignoring
        layers = self._layers()
        optimizer = self._beside(states_of(a), states_of(b), both_hold(a, b))
        others = self._beside(a.found.others, b.found.others, both_hold(a, b) and a.has_record is b.has_record)
        pairs = [pair for one in layers for pair in one.tensors] + optimizer + others
        told = dict(zip(map(id, pairs), self._compared(pairs), strict=True))
        found = [ignoring.layer(_layer_change(one, [told[id(pair)] for pair in one.tensors])) for one in layers]
        compiled = list(compiled_of(a, b))
        return Comparison(
            self._side(a, b),
            self._side(b, a),
            layers=_without_consequences([one for one in found if one is not None], both_hold(a, b)),
            compiled=(
                *ignoring.without((one for one in compiled if _of_optimizer(one)), ("optimizer", "compile"), "compile"),
                *ignoring.without((one for one in compiled if not _of_optimizer(one)), ("compile",), "compile"),
            ),
            optimizer=self._kept((told[id(pair)] for pair in optimizer), "optimizer"),
            steps=(_step(a), _step(b)),
            others=self._kept((told[id(pair)] for pair in others), "state"),
            versions=ignoring.without(versions_of(a, b), ("versions",), "versions"),
            assets=ignoring.without(assets_of(a, b, self.values), ("assets",), "assets"),
            sources=ignoring.without(sources_of(a, b), ("sources",), "sources"),
            layer_count=self.layer_count,
            tensor_count=sum(pair.a is not None and pair.b is not None for pair in pairs),
            unread_count=self.unread_count,
            ignored=ignoring.counts,
        )

    def _layers(self) -> list[LayerPair]:
        """Pairs the layers; by what their tensors hold where names, places and shapes leave a doubt."""
        a, b = self.a, self.b
        pairing = Pairing(a, b)
        layers = pairing.layers()
        every = [one.found.model.every_tensor for one in (a, b)]
        if all(every) and any(map(_is_doubtful, layers)) and self.values:
            a.sum_up(every[0])
            b.sum_up(every[1])
            pairing = Pairing(a, b)
            layers = pairing.layers()
        settle(layers, a, b)
        both = [one for one in layers if one.a is not None and one.b is not None and one.depth]
        if a.tree is not None and b.tree is not None:  # what else stands in a weights file is a part of these
            both = [one for one in both if pairing.is_listed(one)]
        self.layer_count = len(both)
        return [one for one in layers if one.tensors or (one.a and one.b) or pairing.is_listed(one)]

    def _beside(self, a: Sequence[Stored], b: Sequence[Stored], both: bool) -> list[TensorPair]:
        """Pairs tensors of no layer; none where only one file has a place for them."""
        if not both and not (a and b):
            return []
        pairs, left_a, left_b = by_path(a, b, "", "")
        if self.a.is_legacy is not self.b.is_legacy:
            pairs += align(left_a, left_b)
        pairs += [TensorPair(one.path, one, None) for one in left_a]
        return pairs + [TensorPair(one.path, None, one) for one in left_b]

    def _compared(self, pairs: Sequence[TensorPair]) -> list[TensorChange | None]:
        """What differs in each pair; None where nothing does."""
        deviations: dict[int, Deviation | None] = {}
        alike = [(one, one.a, one.b) for one in pairs if one.a is not None and one.b is not None]
        alike = [(one, a, b) for one, a, b in alike if a.shape == b.shape]
        if self.values:
            tensors = [(self.a.tensor(a), self.b.tensor(b)) for _, a, b in alike]
            found = compared(tensors, self.tolerance, self.progress)
            deviations = {id(one): deviation for (one, _, _), deviation in zip(alike, found, strict=True)}
        unequal = set() if self.values else {id(one) for one, a, b in alike if self._is_unequal(a, b)}
        changes = []
        for one in pairs:
            change = TensorChange(one.path, one.a, one.b, deviations.get(id(one)), id(one) in unequal, one.moved)
            changes.append(change if change.tells else None)
        return changes

    def _is_unequal(self, a: Stored, b: Stored) -> bool:
        """Whether both files have checksums, and other ones."""
        one, other = self.a.checksums.get(a.path), self.b.checksums.get(b.path)
        if one is None or other is None or a.dtype != b.dtype:
            self.unread_count += 1
            return False
        return one != other

    def _kept(self, changes: Iterable[TensorChange | None], word: str) -> tuple[TensorChange, ...]:
        kept = (self.ignoring.tensor(one, (word,), word) for one in changes if one is not None)
        return tuple(one for one in kept if one is not None)

    def _side(self, side: Side, other: Side) -> Compared:
        found = side.found
        return Compared(side.path, found.title, found.nbytes, found.saved, tuple(only_in(side, other)))


def _step(side: Side) -> int | None:
    return side.found.compiled.step if side.found.compiled is not None else None


def _of_optimizer(change: Change) -> bool:
    return change.path.partition(".")[0] == "optimizer"


def _is_doubtful(one: LayerPair) -> bool:
    """Whether a layer with tensors has found none, or one that may be another."""
    layer = one.a or one.b
    if layer is None or not layer.every_tensor:
        return False
    if one.a is None or one.b is None or one.renamed or one.left_a or one.left_b:
        return True
    return any(pair.a and pair.b and pair.a.shape != pair.b.shape for pair in one.tensors)


def _layer_change(one: LayerPair, tensors: Iterable[TensorChange | None]) -> LayerChange:
    layer = one.b or one.a
    assert layer is not None
    count = max(len(side.tensors) for side in (one.a, one.b) if side is not None)
    return LayerChange(
        a=one.a.path if one.a is not None else None,
        b=one.b.path if one.b is not None else None,
        depth=one.depth,
        class_name=(layer.class_name or (one.a or layer).class_name).rpartition(">")[2],
        renamed=one.renamed,
        moved=one.moved,
        places=one.places,
        changes=one.changes,
        tensors=tuple(tensor for tensor in tensors if tensor is not None),
        tensor_count=count,
    )


def _without_consequences(layers: Sequence[LayerChange], both: bool) -> tuple[LayerChange, ...]:
    """Leaves out of layers inside what may follow from other changes: the shapes that they were built for.

    Args:
        layers: As they are.
        both: Whether both files have a place for such shapes.
    """
    reasons = any(one.a is None or one.b is None or not all(change.follows for change in one.changes) for one in layers)
    kept = []
    for one in layers:
        changes = [change for change in one.changes if not (change.follows and one.depth and reasons)]
        if not both:
            changes = [change for change in changes if not change.follows or change.kind is Kind.CHANGED]
        told = replace(one, changes=tuple(changes))
        if told.a is None or told.b is None or told.renamed or told.moved or told.changes or told.tensors:
            kept.append(told)
    return tuple(kept)
