"""One look into one file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kept.errors import CorruptFileError, KeptError
from kept.formats.artifact import Artifact, Tensor
from kept.formats.base import formats, open_artifact
from kept.formats.pieces import checksum_of
from kept.formats.places import nbytes_of
from kept.limits import DEFAULT_LIMITS, Limits
from kept.report import Inspection, Layer, RecordCheck, Stored
from kept.tree.groups import BESIDE, OPTIMIZER, Group, group_tree
from kept.tree.nodes import Node
from kept.tree.parse import parse

from .compiled import compiled
from .layers import Layers
from .orbax import orbax_groups
from .origins import embedded, is_custom, required, versions
from .tensorflow import configs_beside, graphs_of, tensorflow_groups, tensorflow_version
from .values import stats_of

__all__ = ["inspect_file", "look_into"]


# Enough to see a shape, and few enough for a page with a thousand of them.
_BIN_COUNT = 40


def inspect_file(
    path: str | os.PathLike[str],
    *,
    stats: bool = False,
    histograms: bool = False,
    checksums: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Inspection:
    """Looks into a model file of any format.

    Args:
        path: The file or folder.
        stats: Whether tensors are read to tell what their numbers are like.
        histograms: Whether `stats` has how their numbers are distributed, too.
        checksums: Whether tensors are read and compared with kept's record.
        limits: The caps of the readers.

    Raises:
        FormatError: The bytes are not what they claim to be.
        UnsafeContentError: It asks for something that no model needs.
    """
    named = os.fspath(path)
    reading = (stats or histograms, _BIN_COUNT if histograms else 0, checksums)
    with open_artifact(path, limits) as artifact:
        whole = artifact.extras.get("keras_archive")
        if whole is None:
            return _Look(artifact, named, *reading).inspection()
        with open_artifact(whole, limits) as inside:
            found = _Look(inside, named, *reading).inspection()
        title = f"{_title(artifact)} with a {_title(inside)} in it"
        return replace(found, format=artifact.format, title=title, nbytes=_size(artifact), graphs=graphs_of(artifact))


def look_into(artifact: Artifact, path: str) -> Inspection:
    """Looks into an open file; no tensor is read.

    Args:
        artifact: The file.
        path: What the caller called it.
    """
    return _Look(artifact, path, False, 0, False).inspection()


def _title(artifact: Artifact) -> str:
    title, step = formats()[artifact.format].title, artifact.extras.get("step")
    return title if step is None else f"{title} of step {step}"


class _Look:
    """What is known while one file is looked into."""

    def __init__(self, artifact: Artifact, path: str, stats: bool, bins: int, checksums: bool) -> None:
        self.artifact, self.path, self.stats, self.bins = artifact, path, stats, bins
        self.record = _record(artifact)
        recorded = self.record.get("tensors") if self.record else None
        self.recorded: Mapping[str, Any] = recorded if isinstance(recorded, Mapping) else {}
        self.checksums = _checksums(self.recorded) if checksums else {}
        self.compared_count = 0
        self.differing: list[str] = []
        self.own = checksums and self.record is None and "check" in artifact.extras
        if self.own:
            artifact.extras["check"]()
        self.names: Mapping[str, str] | None = artifact.extras.get("names")

    def inspection(self) -> Inspection:
        artifact = self.artifact
        tree = self._tree()
        groups = self._groups()
        model = self._model(tree, groups)
        beside = groups.groups.get(BESIDE)
        others = tuple(map(self._stored, beside.every_tensor())) if beside else ()
        optimizer = groups.groups.get(OPTIMIZER)
        return Inspection(
            path=self.path,
            format=artifact.format,
            title=_title(artifact),
            nbytes=_size(artifact),
            saved=_saved(artifact.metadata),
            versions=versions(artifact.metadata, self.record) | tensorflow_version(artifact),
            model=model,
            others=others,
            compiled=compiled(tree, artifact.extras.get("training_config"), optimizer, self._stored),
            required=required([tree, *configs_beside(groups, tree)], self.record),
            sources=embedded(self.record),
            assets={name: asset.nbytes for name, asset in artifact.assets.items()},
            record=self._record_check() if self.record is not None else None,
            graphs=graphs_of(artifact),
        )

    def _groups(self) -> Group:
        if self.names is not None:
            return tensorflow_groups(self.artifact)
        if self.artifact.format == "orbax":
            return orbax_groups(self.artifact)
        return group_tree(self.artifact, self.recorded)

    def _tree(self) -> Node:
        try:
            return parse(self.artifact.config or {})
        except KeptError as error:
            error.path = error.path or self.path
            raise

    def _model(self, tree: Node, groups: Group) -> Layer:
        layers = Layers(self._stored, is_custom)
        if self.artifact.config is not None:
            return layers.of_config(tree, groups)
        return layers.of_group(groups, groups.name, "")

    def _stored(self, tensor: Tensor) -> Stored:
        stats = stats_of(tensor, self.bins) if self.stats else None
        name = (self.names or {}).get(tensor.path, "")
        return Stored(tensor.path, tensor.shape, tensor.dtype, tensor.nbytes, stats, self._holds(tensor), name)

    def _holds(self, tensor: Tensor) -> bool | None:
        if self.own:
            return True
        if tensor.path not in self.checksums:
            return None
        self.compared_count += 1
        holds = checksum_of(tensor) == self.checksums[tensor.path]
        if not holds:
            self.differing.append(tensor.path)
        return holds

    def _record_check(self) -> RecordCheck:
        assert self.record is not None
        fingerprint = self.record.get("fingerprint")
        fingerprint = fingerprint if isinstance(fingerprint, Mapping) else {}
        return RecordCheck(
            checksum_count=len(self.recorded),
            compared_count=self.compared_count,
            differing=tuple(dict.fromkeys([*_misplaced(self.recorded, self.artifact.tensors), *self.differing])),
            is_for_these_weights=self.artifact.is_recorded_by(self.record),
            outputs=fingerprint.get("outputs") is not None,
            device=str(fingerprint.get("device") or ""),
        )


def _record(artifact: Artifact) -> Mapping[str, Any] | None:
    found = artifact.record
    if found is None or isinstance(found, Mapping):
        return found
    raise CorruptFileError("kept's record cannot be read", path=artifact.path, where="metadata.json")


def _checksums(recorded: Mapping[str, Any]) -> dict[str, str]:
    return {path: str(one.get("checksum")) for path, one in recorded.items() if isinstance(one, Mapping)}


def _misplaced(recorded: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> list[str]:
    """Tensors that are not what the record says they are, those that only one of the two has included."""
    wrong = []
    for path, one in recorded.items():
        tensor = tensors.get(path)
        said = (one.get("shape"), one.get("dtype")) if isinstance(one, Mapping) else None
        if tensor is None or said != (list(tensor.shape), tensor.dtype):
            wrong.append(path)
    return [*wrong, *(path for path in tensors if path not in recorded)]


def _saved(metadata: Mapping[str, Any]) -> str:
    found = metadata.get("date_saved")
    return found.replace("@", " ") if isinstance(found, str) else ""


def _size(artifact: Artifact) -> int:
    place = artifact.path
    if place.is_dir():
        return nbytes_of(place)
    shards = [place.parent / Path(name).name for name in artifact.extras.get("shards", ())]
    return sum(map(nbytes_of, (place, *shards)))
