"""The objects that a SavedModel was saved from: what their variables are called, and which layer has which."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import CorruptFileError, LimitExceededError
from ...limits import Limits
from .. import strict_json
from ..places import Place
from .bundle import Bundle
from .messages import KerasNode, SavedObject, Tracked, TrackedObjects
from .protobuf import Reader

__all__ = ["KerasObject", "config_of", "keras_objects", "metadata_of", "names_of", "tracked_objects"]

# What Keras 2 hangs below its objects beside the attributes that the user knows.
_BOOKKEEPING = frozenset(
    {
        "keras_api", "variables", "trainable_variables", "non_trainable_variables", "regularization_losses", "__call__",
        "call_and_return_all_conditional_losses", "_default_save_signature", "signatures", "optimizer",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KerasObject:
    """A layer or model of Keras 2 in a SavedModel.

    Attributes:
        path: Names of attributes from the model to it: `layer_with_weights-0`; empty for the model.
        config: Class name, config and name, as in a config of a model.
        tensors: Paths of its own, without those of layers inside it.
        inner: The layers inside it.
    """

    path: str
    config: dict[str, Any]
    tensors: tuple[str, ...] = ()
    inner: tuple[KerasObject, ...] = ()


def tracked_objects(bundle: Bundle, path: Place, limits: Limits) -> Sequence[Tracked]:
    """The objects as the checkpoint has them; none where it was not made from objects."""
    if bundle.objects is None:
        return ()
    content = bundle.objects.read()
    if bundle.objects.dtype != "string" or content.shape != ():
        raise CorruptFileError("not a graph of objects", path=path, where=bundle.objects.path)
    view = memoryview(content.item())
    return Reader(path, limits, bundle.objects.path).read(TrackedObjects, view).nodes


def names_of(tracked: Sequence[Tracked], bundle: Bundle) -> dict[str, str]:
    """What variables are called, by the path of their tensor."""
    paths = {key: path for path, key in bundle.keys.items()}
    values = (value for one in tracked for value in one.values)
    return {paths[value.key]: value.full_name for value in values if value.full_name and value.key in paths}


def metadata_of(node: KerasNode, path: Place, limits: Limits) -> dict[str, Any]:
    """What Keras 2 wrote of one object."""
    where = f"{node.identifier} {node.node}"
    return strict_json.parse(node.metadata.encode(), path=path, where=where, limits=limits, finite=False)


def config_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The config of an object, from what Keras 2 wrote of it; a class without `get_config` has an empty one."""
    config = metadata.get("config")
    return {
        "class_name": metadata.get("class_name"),
        "config": config if isinstance(config, dict | list) else {},
        "name": metadata.get("name"),
    }


def keras_objects(
    saved: Sequence[SavedObject],
    tracked: Sequence[Tracked],
    metadata: Mapping[int, Mapping[str, Any]],
    paths: Mapping[str, str],
    path: Place,
    limits: Limits,
) -> KerasObject | None:
    """The model of Keras 2 with its layers; None where the root is none.

    Args:
        saved: The objects.
        tracked: The same as the checkpoint has them, which alone knows the keys; it may count them differently.
        metadata: What Keras wrote of its own, by their place among the objects.
        paths: Paths of tensors by the keys of the checkpoint.
        path: The file, for errors.
        limits: The caps.

    Raises:
        CorruptFileError: An object is said to be where none is.
        LimitExceededError: Layers are nested deeper than the limits allow.
    """
    if 0 not in metadata or not saved:
        return None
    _refuse_strays(saved, path)
    _refuse_strays(tracked, path)
    return _Families(saved, _keys(saved, tracked), metadata, paths).family(0, path, limits.group_depth)


def _refuse_strays(objects: Sequence[SavedObject] | Sequence[Tracked], path: Place) -> None:
    for one in objects:
        for child in one.children:
            if not 0 <= child.node < len(objects):
                found = f"{child.name}: {child.node} of {len(objects)}"
                raise CorruptFileError("an object that is not there", path=path, where="objects", found=found)


def _keys(saved: Sequence[SavedObject], tracked: Sequence[Tracked]) -> dict[int, list[str]]:
    """The keys of each object: both graphs are gone through from their roots, by the same names."""
    same, waiting = {0: 0}, deque([0] if tracked else [])
    while waiting:
        at = waiting.popleft()
        known = {child.name: child.node for child in tracked[same[at]].children}
        for child in saved[at].children:
            if child.node not in same and child.name in known:
                same[child.node] = known[child.name]
                waiting.append(child.node)
    return {at: [value.key for value in tracked[other].values] for at, other in same.items()} if tracked else {}


class _Families:
    """Gives each variable to the innermost Keras object that reaches it, each object to the first that does."""

    def __init__(
        self,
        saved: Sequence[SavedObject],
        keys: Mapping[int, list[str]],
        metadata: Mapping[int, Mapping[str, Any]],
        paths: Mapping[str, str],
    ) -> None:
        self.saved, self.keys, self.metadata, self.paths = saved, keys, metadata, paths
        self.seen = {0}

    def family(self, root: int, file: Place, depth: int) -> KerasObject:
        """The root with everything in it, made from the inside out."""
        order: list[tuple[int, str, list[int]]] = []
        tensors: dict[int, list[str]] = {}
        waiting = deque([(root, "", 0)])
        while waiting:
            at, path, level = waiting.popleft()
            if level > depth:
                raise LimitExceededError(
                    "layers are nested too deep", path=file, where="objects", expected=f"at most {depth} levels"
                )
            found = list(self._closest(at, path))
            inner = [(node, inside) for node, inside in found if node in self.metadata]
            owned = [key for node, _ in found if node not in self.metadata for key in self.keys.get(node, ())]
            tensors[at] = [self.paths[key] for key in owned if key in self.paths]
            order.append((at, path, [node for node, _ in inner]))
            waiting += [(node, inside, level + 1) for node, inside in inner]
        made: dict[int, KerasObject] = {}
        for at, path, nodes in reversed(order):
            inside = tuple(made[node] for node in nodes)
            made[at] = KerasObject(path, config_of(self.metadata[at]), tuple(tensors[at]), inside)
        return made[root]

    def _closest(self, root: int, path: str) -> Iterator[tuple[int, str]]:
        """Everything below an object, with its path, but nothing below another of Keras."""
        waiting = deque([(root, path)])
        while waiting:
            at, above = waiting.popleft()
            for child in self.saved[at].children:
                if child.node in self.seen or child.name in _BOOKKEEPING:
                    continue
                self.seen.add(child.node)
                inside = f"{above}/{child.name}" if above else child.name
                yield child.node, inside
                if child.node not in self.metadata:
                    waiting.append((child.node, inside))
