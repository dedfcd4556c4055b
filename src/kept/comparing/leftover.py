"""Tensors whose layers say nothing of which is which: the same path, the same content, the same shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from kept.report import Stored, is_weight

from .beside import both_hold, holds_states
from .layers import LayerPair
from .sides import Side
from .tensors import TensorPair, align, by_key, relative

__all__ = ["settle"]


def settle(layers: Sequence[LayerPair], a: Side, b: Side) -> None:
    """Decides of every tensor that its layer has left over: one of the other file, or one that only this file has.

    States of random generators, and weights at all, are left out where the other file has no place for them.
    """
    _pair(layers, lambda left, right: by_key(left, right, lambda one: one.path))
    if a.tree is None or b.tree is None:
        same_paths = a.is_legacy is b.is_legacy
        _pair(layers, lambda left, right: by_key(left, right, _content(left, right, a, b), moved=same_paths))
        if not same_paths:
            _pair(layers, align)
    counts_a, counts_b = _counts(a, b), _counts(b, a)
    for one in layers:
        one.tensors += [TensorPair("", tensor, None) for tensor in one.left_a if counts_a(tensor)]
        one.tensors += [TensorPair("", None, tensor) for tensor in one.left_b if counts_b(tensor)]
        one.tensors = [replace(pair, path=_path(pair.b or pair.a, one)) for pair in one.tensors]


def _counts(side: Side, other: Side) -> Callable[[Stored], bool]:
    """Whether a tensor that only one file has is a difference."""
    both, states = both_hold(side, other), holds_states(other)
    room = both or bool(other.found.tensors)
    return lambda tensor: room and (both or states or is_weight(tensor))


def _path(tensor: Stored | None, one: LayerPair) -> str:
    assert tensor is not None
    for layer in (one.b, one.a):
        if layer is not None and layer.group and tensor.path.startswith(f"{layer.group}/"):
            return relative(tensor, layer.group)
    return tensor.path


def _pair(layers: Sequence[LayerPair], paired: Callable[[list[Stored], list[Stored]], Sequence[TensorPair]]) -> None:
    """Pairs what is left over; a layer that only one file has so finds its own in the other."""
    left_a = {id(tensor): one for one in layers for tensor in one.left_a}
    left_b = {id(tensor): one for one in layers for tensor in one.left_b}
    if not left_a or not left_b:
        return
    found = paired([one for pair in layers for one in pair.left_a], [one for pair in layers for one in pair.left_b])
    for pair in found:
        in_a, in_b = left_a.pop(id(pair.a)), left_b.pop(id(pair.b))
        owner = in_a if in_a.a is not None and in_a.a.class_name else in_b
        owner.a, owner.b = owner.a or in_a.a, owner.b or in_b.b
        owner.tensors.append(pair)
    for one in layers:
        one.left_a = [tensor for tensor in one.left_a if id(tensor) in left_a]
        one.left_b = [tensor for tensor in one.left_b if id(tensor) in left_b]


def _content(left: Sequence[Stored], right: Sequence[Stored], a: Side, b: Side) -> Callable[[Stored], Hashable | None]:
    """What a tensor holds, where each file has it once; else None."""
    keys: dict[int, Hashable] = {}
    for side, held in ((a, left), (b, right)):
        keys |= {id(one): (one.shape, one.dtype, side.checksums.get(one.path)) for one in held}
    counts = [Counter(keys[id(one)] for one in held) for held in (left, right)]
    known = {key for key in counts[0] if counts[0][key] == counts[1][key] == 1 and key[-1] is not None}  # type: ignore[index]
    return lambda one: key if (key := keys[id(one)]) in known else None
