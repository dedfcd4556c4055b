"""The layers of a model beside what the weights file holds of each, as far as the config says it for certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .groups import Group, beside
from .names import is_stock, names_origin
from .nodes import Node
from .walk import layers_of
from .weights import Expected, expected_weights, is_built

if TYPE_CHECKING:
    from kept.formats.artifact import Tensor

__all__ = ["LayerWeights", "ModelWeights", "weights_of"]

_GRAPHS = ("Functional", "Model", "Sequential")
# What a weights file of a model has at its root, where no attribute of the user's holds layers beside the list.
_ROOT = frozenset({"layers", "optimizer", "_kept"})


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer whose class and config say which weights it has.

    Attributes:
        node: Its node.
        group: Inner path of the group that holds them.
        expected: The weights, in order.
        found: The tensors of that group, in order.
    """

    node: Node
    group: str
    expected: tuple[Expected, ...]
    found: tuple[Tensor, ...]

    def pairs(self) -> Iterator[tuple[str, Expected | None, Tensor | None]]:
        """Inner path of each weight, the weight that the config says, and the tensor that the file has."""
        keys = [tensor.path.rpartition("/")[2] for tensor in self.found]
        if not all(re.fullmatch("[0-9]{1,8}", key) for key in keys):  # those of a legacy .h5 have names
            keys = [str(index) for index in range(len(keys))]
        held = {int(key): tensor for key, tensor in zip(keys, self.found, strict=True)}
        for index in sorted({*range(len(self.expected)), *held}):
            tensor = held.get(index)
            path = tensor.path if tensor is not None else f"{self.group}/vars/{index}"
            yield path, self.expected[index] if index < len(self.expected) else None, tensor


@dataclass(frozen=True, slots=True)
class ModelWeights:
    """What a config and a weights file say of each other.

    Attributes:
        layers: Those whose weights are known.
        absent: Layers that have weights, and no group in the file.
        unclaimed: Inner paths of tensors that belong to no layer of the config.
    """

    layers: tuple[LayerWeights, ...] = ()
    absent: tuple[Node, ...] = ()
    unclaimed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Comparison:
    layers: list[LayerWeights] = field(default_factory=list)
    absent: list[Node] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)


def weights_of(tree: Node, groups: Group) -> ModelWeights:
    """Compares a config with the groups of a weights file.

    Only layers of Keras are compared, in graphs and sequences of Keras: of other classes nothing is known.

    Args:
        tree: The config of a model.
        groups: The root of its weights file.
    """
    found = _Comparison()
    _compare(tree, groups, found, whole=groups.groups.keys() <= _ROOT)
    return ModelWeights(tuple(found.layers), tuple(found.absent), tuple(found.unclaimed))


def _compare(model: Node, group: Group, found: _Comparison, *, whole: bool) -> None:
    """Compares one model.

    Args:
        model: Its node.
        group: What the weights file has for it.
        found: Takes what is found.
        whole: Whether its layers are nowhere else in the file.
    """
    listed = group.groups.get("layers", Group("layers") if whole else None)
    if listed is None or model.class_name not in _GRAPHS or not _is_known(model):
        return
    layers = layers_of(model)
    claimed = set()
    for layer, own in zip(layers, beside(layers, listed.groups), strict=True):
        if own is not None:
            claimed.add(own.path)
        if not _is_known(layer):
            continue
        expected = expected_weights(layer)
        if own is None:
            if whole and expected and is_built(layer) and "shared_object_id" not in layer.fields:
                found.absent.append(layer)
        elif expected is not None:
            held = own.groups.get(expected.inner, own) if expected.inner else own
            found.layers.append(LayerWeights(layer, held.path, expected.weights, tuple(held.tensors)))
        else:
            _compare(layer, own, found, whole=False)
    if whole:
        found.unclaimed += _others(listed, claimed)


def _others(listed: Group, claimed: set[str]) -> Iterator[str]:
    for group in listed.groups.values():
        if group.path not in claimed:
            yield from (tensor.path for tensor in group.every_tensor())


def _is_known(node: Node) -> bool:
    """Whether a class is one of Keras by all that the file says; Keras 2 said no more than the name of the class."""
    return is_stock(node) or not names_origin(node)
