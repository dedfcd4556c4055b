"""A file as the rules see it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from kept.errors import KeptError
from kept.formats.artifact import Artifact
from kept.formats.base import open_artifact
from kept.limits import DEFAULT_LIMITS, Limits
from kept.rules.subject import FileSubject, Values
from kept.tree.groups import group_tree
from kept.tree.layers import ModelWeights, weights_of
from kept.tree.nodes import Node
from kept.tree.parse import parse

__all__ = ["opened", "subject_of"]


@contextmanager
def opened(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Iterator[FileSubject]:
    """A file open for judgement, whose values can be read too; one that cannot be opened is a subject as well."""
    named = os.fspath(path)
    try:
        artifact = open_artifact(path, limits)
    except KeptError as error:
        yield FileSubject(named, failure=error, limits=limits)
        return
    with artifact:
        yield subject_of(artifact, named, limits, reads_values=True)


def subject_of(
    artifact: Artifact, named: str, limits: Limits = DEFAULT_LIMITS, *, reads_values: bool = False
) -> FileSubject:
    """An artifact that is open already, as loading has one.

    Args:
        artifact: The open file.
        named: Its path, as the caller named it.
        limits: The caps of the readers.
        reads_values: Whether rules may read it as a whole.
    """
    found = artifact.record
    record = found if isinstance(found, Mapping) else None
    values = cache(partial(_values, artifact, limits)) if reads_values else None
    try:
        trees = dict(_trees(artifact, record))
    except KeptError as error:
        return FileSubject(named, artifact, error, record=record, limits=limits, values=values)
    weights = cache(partial(_weights, artifact, trees))
    return FileSubject(named, artifact, None, trees, record, limits, weights=weights, values=values)


def _values(artifact: Artifact, limits: Limits) -> Values:
    from .values import read_values

    return read_values(artifact, artifact.recorded_checksums(), limits)


def _weights(artifact: Artifact, trees: Mapping[str, Node]) -> ModelWeights:
    holds_weights = artifact.tensors or artifact.attributes or "weights_crc" in artifact.extras
    return weights_of(trees[""], group_tree(artifact)) if "" in trees and holds_weights else ModelWeights()


def _trees(artifact: Artifact, record: Mapping[str, Any] | None) -> Iterator[tuple[str, Node]]:
    """Each config with its name; what plain Keras would read in a file of kept stands beside what kept reads."""
    if artifact.config is not None:
        yield "", parse(artifact.config)
    legacy: Mapping[str, Any] = artifact.extras.get("legacy", artifact.extras)
    for name in ("model_config", "training_config"):
        if isinstance(legacy.get(name), dict):
            yield name, parse(legacy[name], name)
    state = record.get("state") if record else None
    nodes = state.get("nodes") if isinstance(state, Mapping) else None
    for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
        if isinstance(node, dict):
            yield f"#{number}", parse(node, f"#{number}")
