"""Tensors of a file as Keras's own loading asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import CorruptFileError, Problem, shown
from ..formats import bulk
from ..formats.artifact import Artifact, Tensor, checksum

__all__ = ["Arrays", "Entries", "checksums", "inner_path", "read_entries", "split_inner_path", "stock_entries"]

Entries = dict[str, dict[str, Tensor]]
"""Inner path of a saveable -> key -> tensor."""


def inner_path(group: str, key: str) -> str:
    """(`layers/dense`, `0`) -> `layers/dense/vars/0`; the group of the model itself is empty."""
    return f"{group}/vars/{key}" if group else f"vars/{key}"


def split_inner_path(name: str) -> tuple[str, str]:
    """`layers/dense/vars/0` -> (`layers/dense`, `0`); for the model itself (``, `0`)."""
    if name.startswith("vars/"):
        return "", name.removeprefix("vars/")
    group, _, key = name.rpartition("/vars/")
    return group, key


def stock_entries(artifact: Artifact) -> Entries:
    """Tensors as Keras's own loading asks for them; kept's extra ones are left out."""
    entries: Entries = {}
    for name, tensor in artifact.tensors.items():
        if not name.startswith("_kept/"):
            group, key = split_inner_path(name)
            entries.setdefault(group, {})[key] = tensor
    return entries


def checksums(recorded: Mapping[str, Any]) -> dict[str, str]:
    """Inner path -> checksum, from kept's record of tensors.

    Raises:
        CorruptFileError: The record cannot be read.
    """
    if not isinstance(recorded, dict) or not all(isinstance(o, dict) and "checksum" in o for o in recorded.values()):
        raise CorruptFileError("kept's record cannot be read", where="tensors", found=shown(recorded))
    return {name: str(told["checksum"]) for name, told in recorded.items()}


def read_entries(
    entries: Entries, sums: Mapping[str, str], read: bulk.Load = bulk.load
) -> tuple[dict[str, dict[str, np.ndarray]], list[Problem]]:
    """The values of all tensors.

    Args:
        entries: The tensors, where the model wants them.
        sums: Checksums by name; tensors without one are not checked.
        read: Reads them, each into memory of its own or not.

    Returns:
        Inner path -> key -> array, and the tensors whose bytes are not those that were written.

    Raises:
        CorruptFileError: The file cannot be read.
    """
    arrays, damaged = read((tensor for entry in entries.values() for tensor in entry.values()), sums)
    found = {group: {key: arrays[one.path] for key, one in entry.items()} for group, entry in entries.items()}
    return found, [Problem("the tensor is damaged", name, expected=sums[name]) for name in damaged]


class Arrays(dict[str, Any]):
    """Extra arrays of a file by tensor name, read when asked for.

    Args:
        artifact: The file.
        recorded: kept's record of its tensors, by name.
    """

    def __init__(self, artifact: Artifact, recorded: Mapping[str, Any]) -> None:
        super().__init__()
        self._artifact = artifact
        self._recorded = recorded

    def __missing__(self, name: str) -> Any:
        tensor = self._artifact.tensors.get(name)
        if tensor is None:
            raise CorruptFileError("a tensor of the record is not in the file", where=name)
        array = tensor.read()
        if name in self._recorded and checksum(array) != self._recorded[name]["checksum"]:
            raise CorruptFileError("the tensor is damaged", where=name, expected=self._recorded[name]["checksum"])
        return array
