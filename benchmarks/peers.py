"""Others that write and read the weights of a model: arrays in, arrays out, in the types of the backend."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .races import installed

__all__ = ["Peer", "peers", "save_all"]

Arrays = dict[str, Any]
FLAVOURS = {"tensorflow": "tensorflow", "jax": "flax", "torch": "torch"}  # of safetensors


@dataclass(frozen=True, slots=True)
class Peer:
    """A format of weights.

    Attributes:
        name: As the tables show it.
        module: What must be installed.
        backends: Those whose arrays it takes.
        file: Name of a file or folder in that format.
        saver: For a backend, imports the package and returns what writes arrays.
        loader: The same for reading.
    """

    name: str
    module: str
    backends: tuple[str, ...]
    file: str
    saver: Callable[[str], Callable[[Arrays, Path], Any]]
    loader: Callable[[str], Callable[[Path], Arrays]]


def _safetensors(backend: str) -> Any:
    return importlib.import_module(f"safetensors.{FLAVOURS[backend]}")


def _torch(backend: str) -> Any:
    return importlib.import_module(backend)


def _orbax_save(backend: str) -> Callable[[Arrays, Path], None]:
    from orbax.checkpoint import StandardCheckpointer

    def save(arrays: Arrays, path: Path) -> None:
        with StandardCheckpointer() as checkpointer:  # which waits, when left, until all is written
            checkpointer.save(path.absolute(), arrays)

    return save


def _orbax_load(backend: str) -> Callable[[Path], Arrays]:
    from orbax.checkpoint import StandardCheckpointer

    def load(path: Path) -> Arrays:
        with StandardCheckpointer() as checkpointer:
            return dict(checkpointer.restore(path.absolute()))

    return load


PEERS = (
    Peer(
        "safetensors", "safetensors", tuple(FLAVOURS), "arrays.safetensors",
        lambda backend: _safetensors(backend).save_file, lambda backend: _safetensors(backend).load_file,
    ),
    Peer(
        "`torch.save`, `torch.load`", "torch", ("torch",), "arrays.pt",
        lambda backend: _torch(backend).save, lambda backend: _torch(backend).load,
    ),
    Peer("Orbax", "orbax.checkpoint", ("jax",), "orbax", _orbax_save, _orbax_load),
)  # fmt: skip


def peers(backend: str) -> list[Peer]:
    """Those that take arrays of a backend, installed or not."""
    return [peer for peer in PEERS if backend in peer.backends]


def save_all(arrays: Arrays, backend: str, folder: Path) -> None:
    """Writes arrays in the format of every peer that is installed."""
    for peer in peers(backend):
        if installed(peer.module):
            peer.saver(backend)(arrays, folder / peer.file)
