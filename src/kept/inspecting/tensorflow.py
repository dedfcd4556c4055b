"""What TensorFlow's own formats hold: graphs that can be called, and variables by the objects that they are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kept.formats.artifact import Artifact, Tensor
from kept.formats.tensorflow.object_graph import KerasObject
from kept.formats.tensorflow.saved_model import ServedGraph, TensorSpec
from kept.report import Argument, Graph, Signature
from kept.tree.groups import BESIDE, OPTIMIZER, Group, natural
from kept.tree.nodes import Node
from kept.tree.parse import parse
from kept.tree.walk import layers_of

__all__ = ["configs_beside", "graphs_of", "tensorflow_groups", "tensorflow_version"]

# Signatures that TensorFlow calls itself.
_INTERNAL = "__saved_model"
_SLOT = "/.OPTIMIZER_SLOT/"
# What the optimizer of Keras 3 holds of the model.
_TRAINED = f"{OPTIMIZER}/_trainable_variables/"
_ITERATIONS = frozenset({"_iterations", "iterations", "iter"})
# `model.export` of Keras 3 keeps its variables twice.
_VARIABLES, _COPIES = "variables", "_all_variables"


def graphs_of(artifact: Artifact) -> tuple[Graph, ...]:
    """The graphs of a SavedModel; none of another format."""
    return tuple(map(_graph, artifact.extras.get("graphs", ())))


def _graph(one: ServedGraph) -> Graph:
    named = one.signatures.items()
    told = (Signature(name, _arguments(sig.inputs), _arguments(sig.outputs)) for name, sig in named)
    ops = Counter(one.ops) + Counter(one.function_ops)
    return Graph(
        one.tags,
        tuple(sig for sig in told if not sig.name.startswith(_INTERNAL)),
        dict(sorted(ops.items(), key=lambda item: (-item[1], item[0]))),
        one.function_count,
    )


def _arguments(specs: Mapping[str, TensorSpec]) -> tuple[Argument, ...]:
    return tuple(Argument(name, spec.dtype, spec.shape) for name, spec in specs.items())


def tensorflow_version(artifact: Artifact) -> dict[str, str]:
    """The version that wrote a SavedModel."""
    found = {one.tensorflow_version for one in artifact.extras.get("graphs", ()) if one.tensorflow_version}
    return {"tensorflow": ", ".join(sorted(found))} if found else {}


def tensorflow_groups(artifact: Artifact) -> Group:
    """Variables as the tree of a weights file: of the layers of Keras 2 where they are known, else in one list."""
    names = artifact.extras["names"]
    every = sorted(artifact, key=lambda one: natural(one.path))
    state = [one for one in every if _is_state(one.path)]
    state.sort(key=lambda one: one.path.rpartition("/")[2] not in _ITERATIONS)
    taken = {one.path for one in state}
    model: KerasObject | None = artifact.extras.get("objects")
    root = Group(is_object=True)
    if model is not None:
        root = _group(model, artifact.tensors)
        taken.update(one.path for one in root.every_tensor())
        rest = [one for one in every if one.path not in taken]
    else:
        own = [one for one in every if one.path not in taken]
        copies = _copies(own, names)
        rest = [one for one in own if one.path in copies]
        root.tensors = [one for one in own if one.path not in copies]
    if state:
        root.groups[OPTIMIZER] = Group(OPTIMIZER, _first_part(names.get(state[0].path, "")), state, is_object=True)
    if rest:
        root.groups[BESIDE] = Group(BESIDE, "", rest, is_object=True)
    return root


def _is_state(path: str) -> bool:
    return (path.startswith(f"{OPTIMIZER}/") and not path.startswith(_TRAINED)) or _SLOT in path


def _first_part(name: str) -> str:
    return name.partition("/")[0] if "/" in name else ""


def _copies(tensors: Iterable[Tensor], names: Mapping[str, str]) -> set[str]:
    """Paths of what `model.export` keeps a second time."""
    first = {names.get(one.path) for one in tensors if one.path.startswith(f"{_VARIABLES}/")}
    return {one.path for one in tensors if one.path.startswith(f"{_COPIES}/") and names.get(one.path, "") in first}


def _group(one: KerasObject, tensors: Mapping[str, Tensor]) -> Group:
    name = one.config.get("name")
    group = Group(one.path, name if isinstance(name, str) else "", [tensors[path] for path in one.tensors])
    group.is_object, group.config = True, one.config
    inside = group.inner("layers").groups if _lists_layers(one.config) else group.groups
    for inner in one.inner:
        inside[inner.path] = _group(inner, tensors)
    return group


def _lists_layers(config: Mapping[str, Any]) -> bool:
    return bool(layers_of(parse(config)))


def configs_beside(groups: Group, tree: Node) -> Iterator[Node]:
    """Configs of layers that the config of the model does not list, as that of a subclassed one."""
    if layers_of(tree):
        return
    for group in groups.objects():
        if group.config is not None:
            node = parse(group.config, group.path)
            yield node
            yield from configs_beside(group, node)
