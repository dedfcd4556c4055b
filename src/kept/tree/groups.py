"""Which tensors belong to which layer: the weights file as a tree of groups, and the layers of a config beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .names import snake_case
from .nodes import Node

if TYPE_CHECKING:
    from kept.formats.artifact import Artifact, Tensor

__all__ = ["BESIDE", "OPTIMIZER", "Group", "beside", "group_tree", "natural"]

OPTIMIZER, BESIDE = "optimizer", "_kept"
_VARIABLES = "vars"


@dataclass(slots=True)
class Group:
    """What a weights file has for one object.

    Attributes:
        path: Inner path.
        name: The name of the object when it was saved; empty where the file does not say.
        tensors: Its own.
        groups: Of the objects inside it, in the order of the file.
        is_object: Whether it stands for an object, rather than for a list of them.
        config: Of the object, where the weights file has it.
    """

    path: str = ""
    name: str = ""
    tensors: list[Tensor] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    is_object: bool = False
    config: Mapping[str, Any] | None = None

    def inner(self, key: str) -> Group:
        """The group under a key, made where there is none."""
        if key not in self.groups:
            self.groups[key] = Group(f"{self.path}/{key}" if self.path else key)
        return self.groups[key]

    def at(self, path: str) -> Group:
        """The group at an inner path, made where there is none."""
        found = self
        for key in filter(None, path.split("/")):
            found = found.inner(key)
        return found

    def objects(self) -> Iterator[Group]:
        """The groups of the objects inside, those in lists too, none inside those."""
        for group in self.groups.values():
            if group.is_object:
                yield group
            else:
                yield from group.objects()

    def every_tensor(self) -> Iterator[Tensor]:
        """Its own tensors, and all in the groups inside."""
        yield from self.tensors
        for group in self.groups.values():
            yield from group.every_tensor()


def group_tree(artifact: Artifact, order: Iterable[str] = ()) -> Group:
    """The groups of a file; a legacy `.h5` is brought into the form of a weights file.

    What belongs to no layer and not to the optimizer is in the group `_kept`.

    Args:
        artifact: The open file.
        order: Inner paths in the order of the model, where that is known; HDF5 does not keep it.
    """
    if "layers" in artifact.extras:
        return _legacy(artifact)
    root = Group(is_object=True)
    rank = {path: index for index, path in enumerate(order)}
    for tensor in sorted(artifact, key=lambda one: (rank.get(one.path, len(rank)), natural(one.path))):
        path, _, last = tensor.path.rpartition("/")
        above, _, holder = path.rpartition("/")
        group = root.at(above if holder == _VARIABLES else path)
        group.tensors.append(tensor)
        group.is_object = True
    for path, texts in artifact.attributes.items():
        above, _, last = path.rpartition("/")
        if last == _VARIABLES:
            group = root.at(above)
            group.name, group.is_object = texts.get("name", ""), True
    return root


def natural(path: str) -> list[tuple[str, int]]:
    """What puts paths in order, numbers by their value."""
    return [(head.rstrip("0123456789"), _number(head)) for head in path.split("/")]


def _number(text: str) -> int:
    digits = text[len(text.rstrip("0123456789")) :]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else -1


def _legacy(artifact: Artifact) -> Group:
    root = Group(is_object=True)
    layers = root.inner("layers")
    taken = set()
    for name, paths in artifact.extras["layers"].items():
        group = Group(_shared(paths) or name, name, [artifact.tensors[path] for path in paths], is_object=True)
        layers.groups[name] = group
        taken.update(paths)
    optimizer = artifact.extras["optimizer"]
    if optimizer:
        root.groups[OPTIMIZER] = Group("optimizer_weights", "", [artifact.tensors[path] for path in optimizer])
    rest = [one for one in artifact if one.path not in taken.union(optimizer)]
    root.groups[BESIDE] = Group(BESIDE, "", rest, is_object=True)
    return root


def _shared(paths: Sequence[str]) -> str:
    return "/".join(paths[0].split("/")[:2]) if paths else ""


def beside(layers: Sequence[Node], groups: Mapping[str, Group]) -> list[Group | None]:
    """The group of each layer: the one that has its name, else the one that Keras makes for its class."""
    named: dict[str, Group | None] = {}
    for group in groups.values():
        if group.name:
            named[group.name] = None if group.name in named else group
    counts: dict[str, int] = {}
    found = []
    for layer in layers:
        key = snake_case(layer.class_name.rpartition(">")[2])
        count = counts[key] = counts.get(key, -1) + 1
        counted = groups.get(f"{key}_{count}" if count else key)
        by_name = named.pop(layer.name, None) if layer.name else None
        found.append(by_name or (counted if counted is not None and not counted.name else None))
    return found
