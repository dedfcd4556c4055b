"""Reading the folder of a SavedModel: its documents, and what they say of each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import CorruptFileError, LimitExceededError, UnsupportedVersionError
from ...limits import Limits
from ..artifact import Artifact
from ..folder import assets_below, check_file, files_below
from ..places import Place
from ..saved_model import GRAPH, KERAS_ARCHIVE, OTHER_FORMS
from ..source import Source
from .bundle import TYPES, Bundle, read_bundle
from .messages import (
    FunctionDef,
    GraphDef,
    KerasMetadata,
    KerasNode,
    MetaGraph,
    NodeDef,
    SavedModel,
    SavedObject,
    SavedObjects,
    SignatureDef,
    TensorInfo,
)
from .object_graph import config_of, keras_objects, metadata_of, names_of, tracked_objects
from .protobuf import Reader

__all__ = ["ServedGraph", "Signature", "TensorSpec", "read_saved_model"]

_KERAS, _VARIABLES, _ASSETS = "keras_metadata.pb", Path("variables", "variables"), "assets"
_SCHEMA = 1
_SAVER = re.compile(r"__inference__traced_(save|restore)_\d+")
_MODEL_KINDS = ("_tf_keras_model", "_tf_keras_network", "_tf_keras_sequential", "_tf_keras_layer")


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """What a signature takes or gives.

    Attributes:
        dtype: Name of its type; empty where the file does not say.
        shape: None for a length that may vary; None in its place where not even the rank is known.
    """

    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class Signature:
    """A function that a graph offers to be called by name."""

    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]


@dataclass(frozen=True, slots=True)
class ServedGraph:
    """One graph of a SavedModel.

    Attributes:
        tags: By which TensorFlow finds it: `serve`.
        tensorflow_version: Of what wrote it.
        signatures: By name.
        assets: Names of the files below `assets/` that it reads.
        ops: How often each operation stands in the graph itself.
        function_ops: The same of the functions that it may call.
        function_count: How many functions there are.
        saver_ops: How often each operation stands in functions that are named as those by which TensorFlow saves.
    """

    tags: tuple[str, ...]
    tensorflow_version: str
    signatures: Mapping[str, Signature]
    assets: tuple[str, ...]
    ops: Mapping[str, int]
    function_ops: Mapping[str, int]
    function_count: int
    saver_ops: Mapping[str, int]


def read_saved_model(path: Place, limits: Limits) -> Artifact:
    """Opens the folder; what is in its extras, `kept.formats.saved_model` says."""
    with ExitStack() as resources:
        _refuse_links(path, limits)
        graphs = _messages(path, limits)
        saved = _saved_objects(path, graphs, limits)
        bundle = _bundle(path, limits, resources)
        tracked = tracked_objects(bundle, path, limits)
        metadata = _keras_metadata(path, saved, limits)
        root = metadata.get(0, {})
        inside, reader = path / KERAS_ARCHIVE, Reader(path / GRAPH, limits, "graph")
        versions = {"keras_version": root.get("keras_version"), "backend": root.get("backend")}
        paths = {key: one for one, key in bundle.keys.items()}
        return Artifact(
            path,
            "saved_model",
            config_of(root) if root else None,
            {key: text for key, text in versions.items() if isinstance(text, str)},
            bundle.tensors,
            assets_below(path / _ASSETS, path, limits),
            extras={
                "keras_archive": inside if inside.is_file() else None,
                "graphs": tuple(_served(one, reader) for one in graphs),
                "names": names_of(tracked, bundle),
                "objects": keras_objects(saved, tracked, metadata, paths, path / GRAPH, limits),
                "training_config": root.get("training_config"),
                "check": bundle.check,
            },
            _resources=resources.pop_all(),
        )


def _refuse_links(path: Place, limits: Limits) -> None:
    for name in (GRAPH, _KERAS, KERAS_ARCHIVE):
        if (path / name).is_symlink() or ((path / name).exists() and not (path / name).is_dir()):
            check_file(path / name, path)
    for _ in files_below(path / _VARIABLES.parent, path, limits):
        pass


def _document(file: Place, limits: Limits) -> memoryview:
    with Source(file) as source:
        if not source.nbytes:
            raise CorruptFileError("the file is empty", path=file)
        if source.nbytes > limits.protobuf_bytes:
            expected = f"at most {limits.protobuf_bytes} bytes"
            raise LimitExceededError("the file is too large", path=file, expected=expected, found=f"{source.nbytes}")
        return source.view(0, source.nbytes)


def _messages(path: Place, limits: Limits) -> tuple[MetaGraph, ...]:
    file = path / GRAPH
    if not file.is_file():
        found = [name for name in OTHER_FORMS if (path / name).exists()]
        raise UnsupportedVersionError(
            "a SavedModel in a form that kept cannot read",
            path=path,
            expected=f"the file {GRAPH}",
            found=found[0] if found else "something else of that name",
        )
    read = Reader(file, limits).read(SavedModel, _document(file, limits))
    if read.schema > _SCHEMA:
        raise UnsupportedVersionError("a newer SavedModel", path=file, expected=f"{_SCHEMA}", found=f"{read.schema}")
    if not read.graphs:
        raise CorruptFileError("holds no graph: it is cut", path=file)
    return tuple(read.graphs)


def _bundle(path: Place, limits: Limits, resources: ExitStack) -> Bundle:
    index = path / _VARIABLES.with_suffix(".index")
    if index.is_file():
        return read_bundle(path / _VARIABLES, limits, resources)
    if (path / _VARIABLES.parent).is_dir() and any((path / _VARIABLES.parent).iterdir()):
        raise CorruptFileError("a part of the folder is missing", path=path, where="variables/variables.index")
    return Bundle({}, {}, None, (), ())


def _saved_objects(path: Place, graphs: Iterable[MetaGraph], limits: Limits) -> tuple[SavedObject, ...]:
    """The objects, of which one graph at most knows; more than one graph is written from no objects."""
    views = [one.objects for one in graphs if one.objects is not None]
    if not views:
        return ()
    return tuple(Reader(path / GRAPH, limits, "objects").read(SavedObjects, views[0]).nodes)


def _keras_metadata(path: Place, saved: tuple[SavedObject, ...], limits: Limits) -> dict[int, dict[str, Any]]:
    """What Keras 2 wrote of its objects, by their number; before 2.5 it was written into the objects themselves."""
    file = path / _KERAS
    if file.is_file():
        nodes = tuple(Reader(file, limits).read(KerasMetadata, _document(file, limits)).nodes)
    else:
        held = [(index, one.user) for index, one in enumerate(saved) if one.user is not None and one.user.metadata]
        nodes = tuple(KerasNode(index, user.identifier, user.metadata) for index, user in held)
    if not any(node.node == 0 and node.identifier in _MODEL_KINDS for node in nodes):
        return {}
    kinds = [node for node in nodes if "_keras_" in node.identifier and node.metadata]
    return {node.node: metadata_of(node, file if file.is_file() else path / GRAPH, limits) for node in kinds}


def _served(graph: MetaGraph, reader: Reader) -> ServedGraph:
    held = reader.read(GraphDef, graph.graph) if graph.graph is not None else GraphDef()
    functions = held.library.functions if held.library else ()
    own = {one.signature.name for one in functions if one.signature}
    info = graph.info
    return ServedGraph(
        tuple(info.tags) if info else (),
        info.tensorflow_version if info else "",
        {name: _signature(one) for name, one in sorted(graph.signatures.items())},
        tuple(one.filename for one in graph.assets),
        _counted(held.nodes, own),
        _counted((node for one in functions for node in one.nodes), own),
        len(functions),
        _counted((node for one in functions if _is_saver(one) for node in one.nodes), own),
    )


def _is_saver(function: FunctionDef) -> bool:
    return function.signature is not None and _SAVER.fullmatch(function.signature.name) is not None


def _counted(nodes: Iterable[NodeDef], functions: set[str]) -> dict[str, int]:
    counts = Counter(node.op for node in nodes if node.op not in functions)
    return dict(sorted(counts.items()))


def _signature(one: SignatureDef) -> Signature:
    return Signature(_specs(one.inputs), _specs(one.outputs))


def _specs(infos: Mapping[str, TensorInfo]) -> dict[str, TensorSpec]:
    return {name: _spec(info) for name, info in sorted(infos.items())}


def _spec(info: TensorInfo) -> TensorSpec:
    shape = info.shape
    if shape is None or shape.of_unknown_rank:
        return TensorSpec(TYPES.get(info.dtype, ""), None)
    return TensorSpec(TYPES.get(info.dtype, ""), tuple(None if one < 0 else one for one in shape.lengths))
