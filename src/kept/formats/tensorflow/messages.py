"""The messages of a SavedModel and of TensorFlow's checkpoints, as far as kept reads them, under the field's own words.

Their fields and numbers are those of TensorFlow's `saved_model.proto`, `meta_graph.proto`, `graph.proto`,
`saved_object_graph.proto` and `trackable_object_graph.proto`, and of Keras 2's `saved_metadata.proto`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .bundle import Shape
from .protobuf import integer, mapping, message, messages, raw, text, texts, truth

__all__ = [
    "FunctionDef",
    "GraphDef",
    "KerasMetadata",
    "KerasNode",
    "MetaGraph",
    "NodeDef",
    "SavedModel",
    "SavedObject",
    "SavedObjects",
    "SignatureDef",
    "TensorInfo",
    "Tracked",
    "TrackedObjects",
]


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """What goes into a signature, or comes out of it."""

    dtype: int = integer(2)
    shape: Shape | None = message(3, Shape)


@dataclass(frozen=True, slots=True)
class SignatureDef:
    """A function that the model offers to be called by name."""

    inputs: Mapping[str, TensorInfo] = mapping(1, TensorInfo)
    outputs: Mapping[str, TensorInfo] = mapping(2, TensorInfo)


@dataclass(frozen=True, slots=True)
class _MetaInfo:
    tags: Sequence[str] = texts(4)
    tensorflow_version: str = text(5)


@dataclass(frozen=True, slots=True)
class _AssetFile:
    filename: str = text(2)


@dataclass(frozen=True, slots=True)
class MetaGraph:
    """A graph and what is around it; `graph` is a `GraphDef`, `objects` are `SavedObjects`."""

    info: _MetaInfo | None = message(1, _MetaInfo)
    graph: memoryview | None = raw(2)
    signatures: Mapping[str, SignatureDef] = mapping(5, SignatureDef)
    assets: Sequence[_AssetFile] = messages(6, _AssetFile)
    objects: memoryview | None = raw(7)


@dataclass(frozen=True, slots=True)
class SavedModel:
    """All of `saved_model.pb`."""

    schema: int = integer(1)
    graphs: Sequence[MetaGraph] = messages(2, MetaGraph)


@dataclass(frozen=True, slots=True)
class NodeDef:
    """A node of a graph."""

    op: str = text(2)


@dataclass(frozen=True, slots=True)
class _OpDef:
    name: str = text(1)


@dataclass(frozen=True, slots=True)
class FunctionDef:
    """A function of the library."""

    signature: _OpDef | None = message(1, _OpDef)
    nodes: Sequence[NodeDef] = messages(3, NodeDef)


@dataclass(frozen=True, slots=True)
class _Library:
    functions: Sequence[FunctionDef] = messages(1, FunctionDef)


@dataclass(frozen=True, slots=True)
class GraphDef:
    """Nodes, and the functions that they call."""

    nodes: Sequence[NodeDef] = messages(1, NodeDef)
    library: _Library | None = message(2, _Library)


@dataclass(frozen=True, slots=True)
class _Reference:
    node: int = integer(1)
    name: str = text(2)


@dataclass(frozen=True, slots=True)
class _UserObject:
    identifier: str = text(1)
    metadata: str = text(3)


@dataclass(frozen=True, slots=True)
class _Variable:
    trainable: bool = truth(3)


@dataclass(frozen=True, slots=True)
class SavedObject:
    """An object of the program that saved the model."""

    children: Sequence[_Reference] = messages(1, _Reference)
    user: _UserObject | None = message(4, _UserObject)
    variable: _Variable | None = message(7, _Variable)


@dataclass(frozen=True, slots=True)
class SavedObjects:
    """All of them; the first is the root."""

    nodes: Sequence[SavedObject] = messages(1, SavedObject)


@dataclass(frozen=True, slots=True)
class _TrackedValue:
    full_name: str = text(2)
    key: str = text(3)


@dataclass(frozen=True, slots=True)
class Tracked:
    """An object as the checkpoint has it: whose children it knows, and under which keys its values are."""

    children: Sequence[_Reference] = messages(1, _Reference)
    values: Sequence[_TrackedValue] = messages(2, _TrackedValue)


@dataclass(frozen=True, slots=True)
class TrackedObjects:
    """All of them; the first is the root."""

    nodes: Sequence[Tracked] = messages(1, Tracked)


@dataclass(frozen=True, slots=True)
class KerasNode:
    """What Keras 2 wrote of an object of its own: `node` counts in `SavedObjects`."""

    node: int = integer(2)
    identifier: str = text(4)
    metadata: str = text(5)


@dataclass(frozen=True, slots=True)
class KerasMetadata:
    """All of `keras_metadata.pb`."""

    nodes: Sequence[KerasNode] = messages(1, KerasNode)
