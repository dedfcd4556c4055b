"""Which layer of one file is which of the other: as their configs say, else by names, places and shapes of tensors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kept.report import Layer, Stored, is_weight
from kept.tree.change import Change
from kept.tree.diff import Evidence, Pair, diff, placed
from kept.tree.matching import Entry, matched
from kept.tree.values import digest

from .sides import Side
from .tensors import TensorPair, align, by_path

__all__ = ["LayerPair", "Pairing"]

_Layers = Sequence[Layer]
# In a weights file, where the layers of a model stand under names that Keras makes of their classes.
_LISTED = "layers/"


@dataclass(slots=True)
class LayerPair:
    """A layer in both files, or in one of them.

    Attributes:
        a: None where the first file has none.
        b: None where the second has none.
        depth: How many layers it is inside.
        places: Its places among the layers of its model.
        moved: Whether it stands elsewhere there.
        renamed: Whether it has another name.
        changes: What differs in its config.
        tensors: Its own that are in both files.
        left_a: Its own that only the first has.
        left_b: Its own that only the second has.
    """

    a: Layer | None
    b: Layer | None
    depth: int = 0
    places: tuple[int | None, int | None] = (None, None)
    moved: bool = False
    renamed: bool = False
    changes: tuple[Change, ...] = ()
    tensors: list[TensorPair] = field(default_factory=list)
    left_a: list[Stored] = field(default_factory=list)
    left_b: list[Stored] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Twins:
    """Two layers that are one, by their places."""

    a: int
    b: int
    moved: bool = False
    renamed: bool = False
    changes: tuple[Change, ...] = ()


class Pairing:
    """Pairs the layers of two files.

    Attributes:
        said: What the configs say, by the path of the first file's node; empty where not both have one.
        listed: Paths of the nodes that the configs list as layers.
    """

    def __init__(self, a: Side, b: Side) -> None:
        self.sides = a, b
        self.said: dict[str, Pair] = {}
        self.listed: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()
        if a.tree is not None and b.tree is not None:
            found = diff(a.tree, b.tree, *map(self._evidence, self.sides))
            self.said = {one.a.path: one for one in found if one.a is not None and one.b is not None}
            listed_a = frozenset(one.a.path for one in found if one.a is not None)
            self.listed = listed_a - {""}, frozenset(one.b.path for one in found if one.b is not None) - {""}

    def _evidence(self, side: Side) -> dict[str, Evidence]:
        if not all(one.found.model.every_tensor for one in self.sides):
            return {}
        return {layer.node: _evidence(layer, side.checksums) for layer in side.found.model.walk() if layer.node}

    def layers(self) -> list[LayerPair]:
        """The models, then every layer of either, in the order of the second, with its tensors."""
        said = self.said.get("")
        renamed, changes = (said.renamed, said.changes) if said is not None else (False, ())
        models = [side.found.model for side in self.sides]
        return self._of(LayerPair(models[0], models[1], renamed=renamed, changes=changes))

    def is_listed(self, one: LayerPair) -> bool:
        """Whether the config of each file, or of the one that has the layer, lists it."""
        nodes = [layer.node in listed for layer, listed in zip((one.a, one.b), self.listed, strict=True) if layer]
        return all(nodes)

    def _of(self, one: LayerPair) -> list[LayerPair]:
        """A pair of layers, and after it what is inside them."""
        a, b = one.a, one.b
        assert a is not None
        assert b is not None
        one.tensors, one.left_a, one.left_b = by_path(a.tensors, b.tensors, a.group, b.group)
        layers_a, layers_b = self._comparable(a), self._comparable(b)
        twins = {(two.a, two.b): two for two in self._twins(layers_a, layers_b, a, b)}
        inside: list[LayerPair] = []
        for left, right in placed(list(twins), len(layers_a), len(layers_b)):
            if left is None or right is None:
                layer = layers_a[left] if left is not None else layers_b[right or 0]
                inside += _alone(layer, one.depth + 1, (left, right))
                continue
            two = twins[left, right]
            pair = LayerPair(layers_a[left], layers_b[right], one.depth + 1, (left, right))
            pair.moved, pair.renamed, pair.changes = two.moved, two.renamed, two.changes
            inside += self._of(pair)
        if self.sides[0].is_legacy is not self.sides[1].is_legacy:  # paths say nothing
            one.tensors += align(one.left_a, one.left_b)
            _flatten(one, inside)
        return [one, *inside]

    def _comparable(self, layer: Layer) -> _Layers:
        """The layers inside; where only one file has a config, those without tensors are its alone."""
        if (self.sides[0].tree is None) is (self.sides[1].tree is None):
            return layer.layers
        return [one for one in layer.layers if one.every_tensor]

    def _twins(self, a: _Layers, b: _Layers, in_a: Layer, in_b: Layer) -> Iterator[_Twins]:
        places = {layer.node: index for index, layer in enumerate(b) if layer.node in self.listed[1]}
        for index, layer in enumerate(a):
            said = self.said.get(layer.node) if layer.node in self.listed[0] else None
            if said is not None and said.b is not None and said.b.path in places:
                yield _Twins(index, places[said.b.path], said.moved, said.renamed, said.changes)
        rest_a = [index for index, layer in enumerate(a) if layer.node not in self.listed[0]]
        rest_b = [index for index, layer in enumerate(b) if layer.node not in self.listed[1]]
        entries, comparable = self._entries([a[index] for index in rest_a], in_a, [b[index] for index in rest_b], in_b)
        for one in matched(*entries):
            left, right = a[rest_a[one.a]], b[rest_b[one.b]]
            told = bool(left.node and right.node)  # with the layer that wraps it
            renamed = comparable and not told and entries[0][one.a].name != entries[1][one.b].name
            yield _Twins(rest_a[one.a], rest_b[one.b], renamed=renamed)

    def _entries(
        self, a: _Layers, in_a: Layer, b: _Layers, in_b: Layer
    ) -> tuple[tuple[list[Entry], list[Entry]], bool]:
        """What is known of layers that no config lists: names where both files say them, else places in the file.

        Returns:
            That of either file, and whether names in one mean the same as in the other.
        """
        named = _are_named(a, in_a) and _are_named(b, in_b)
        counted = all(
            _key(layer, above).startswith(_LISTED) for layers, above in ((a, in_a), (b, in_b)) for layer in layers
        )
        found = []
        for layers, above, side in ((a, in_a, self.sides[0]), (b, in_b, self.sides[1])):
            entries = []
            for layer in layers:
                key, told = _key(layer, above), _evidence(layer, side.checksums)
                kind = re.sub(r"_\d+$", "", key.rpartition("/")[2]) if counted else ""
                name = layer.name if named else key.removeprefix(_LISTED)
                entries.append(Entry(name, kind, told.shapes, told.content))
            found.append(entries)
        return (found[0], found[1]), named or counted


def _evidence(layer: Layer, checksums: Mapping[str, str]) -> Evidence:
    weights = [one for one in layer.every_tensor if is_weight(one)]
    if not weights:
        return Evidence()
    shapes = sorted(str(one.shape) for one in weights)
    sums = sorted(checksums.get(one.path, "") for one in weights)
    return Evidence(digest(tuple(shapes)), digest(tuple(sums)) if all(sums) else "")


def _key(layer: Layer, above: Layer) -> str:
    return layer.group.removeprefix(f"{above.group}/") if above.group else layer.group


def _are_named(layers: _Layers, above: Layer) -> bool:
    """Whether the file says what the layers are called, rather than where they stand in it."""
    return any(layer.name and layer.name != _key(layer, above) for layer in layers)


def _alone(layer: Layer, depth: int, places: tuple[int | None, int | None]) -> list[LayerPair]:
    in_a = places[0] is not None
    one = LayerPair(layer, None, depth, places) if in_a else LayerPair(None, layer, depth, places)
    one.left_a, one.left_b = (list(layer.tensors), []) if in_a else ([], list(layer.tensors))
    found = [one]
    for index, inside in enumerate(layer.layers):
        found += _alone(inside, depth + 1, (index, None) if in_a else (None, index))
    return found


def _flatten(one: LayerPair, inside: list[LayerPair]) -> None:
    """Pairs what one file has in the layer itself with what the other has in the layers inside it."""
    for own, theirs in (("left_a", "left_b"), ("left_b", "left_a")):
        tensors = getattr(one, own)
        spread = [tensor for pair in inside for tensor in getattr(pair, theirs)]
        if not tensors or not spread or any(getattr(pair, own) for pair in inside):
            continue
        found = align(tensors, spread) if own == "left_a" else align(spread, tensors)
        one.tensors += found
        taken = {id(pair.b if own == "left_a" else pair.a) for pair in found}
        emptied = set()
        for pair in inside:
            before = getattr(pair, theirs)
            setattr(pair, theirs, [tensor for tensor in before if id(tensor) not in taken])
            if before and not getattr(pair, theirs) and (pair.a is None or pair.b is None):
                emptied.add(id(pair))
        inside[:] = [pair for pair in inside if id(pair) not in emptied]
