"""Tensors of a file as Keras's own loading asks for them."""

from __future__ import annotations

from typing import Any

from ..errors import (
    CorruptFileError,
)
from ..formats.artifact import Artifact

__all__ = ["Arrays", "Entry", "split_inner_path", "stock_entries"]


def split_inner_path(name: str) -> tuple[str, str]:
    """`layers/dense/vars/0` -> (`layers/dense`, `0`); for the model itself (``, `0`)."""
    if name.startswith("vars/"):
        return "", name.removeprefix("vars/")
    group, _, key = name.rpartition("/vars/")
    return group, key


class Entry(dict[str, Any]):
    """Tensors of one saveable, read when asked for; `dict.__getitem__` gives the tensor itself."""

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key).read()

    def get(self, key: str, default: Any = None) -> Any:  # noqa: D102  as in a dict
        tensor = super().get(key)
        return default if tensor is None else tensor.read()

    def values(self) -> Any:  # noqa: D102  as in a dict
        return [self[key] for key in self]

    def items(self) -> Any:  # noqa: D102  as in a dict
        return [(key, self[key]) for key in self]


def stock_entries(artifact: Artifact) -> dict[str, Entry]:
    """Tensors as Keras's own loading asks for them; kept's extra ones are left out."""
    entries: dict[str, Entry] = {}
    for name, tensor in artifact.tensors.items():
        if not name.startswith("_kept/"):
            group, key = split_inner_path(name)
            dict.__setitem__(entries.setdefault(group, Entry()), key, tensor)
    return entries


class Arrays(dict[str, Any]):
    """Extra arrays of a file by tensor name, read when asked for."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__()
        self._artifact = artifact

    def __missing__(self, name: str) -> Any:
        tensor = self._artifact.tensors.get(name)
        if tensor is None:
            raise CorruptFileError("a tensor of the record is not in the file", where=name)
        return tensor.read()
