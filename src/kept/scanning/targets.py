"""Which files and folders below some paths are models: by name, else by how they begin.

Looked for without numpy and h5py, which start threads: the processes that judge are forked from one that has none.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from kept.errors import KeptError
from kept.formats.places import is_url

__all__ = ["targets"]

_NAMES = (".keras", ".h5", ".hdf5", ".weights.json", ".safetensors", ".npz")
_OTHERS = frozenset({".py", ".ipynb", ".md", ".txt", ".csv", ".png", ".jpg", ".jpeg", ".gif", ".yaml", ".yml", ".toml"})
_FOREIGN = frozenset({"__pycache__", "node_modules", "site-packages"})
_HDF5, _ZIP, _TABLE = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", bytes.fromhex("57fb808b247547db")
_INDEX = ".index"  # of a checkpoint of TensorFlow
_HEAD_NBYTES = 1 << 10
_TAIL_NBYTES = 1 << 16
_Entries = dict[str, os.DirEntry[str]]


def targets(paths: Iterable[str]) -> list[str]:
    """The models that some paths name or hold, each once, in order; a path that is no folder, or a URL, is always one.

    Raises:
        KeptError: Nothing is there.
    """
    found: dict[str, None] = {}
    for path in paths:
        if is_url(path):
            found[path] = None
            continue
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise KeptError("cannot be scanned", path=path, expected="a file or a folder", found=reason) from error
        if stat.S_ISDIR(mode) and not is_model_folder(_names(path)):
            found.update(dict.fromkeys(sorted(_searched(path), key=lambda one: PurePath(one).parts)))
        else:
            found[path] = None
    return list(found)


def is_model_folder(names: Iterable[str]) -> bool:
    """Whether a folder of these names is one model, and not a folder of models."""
    held = frozenset(names)
    if "config.json" in held and not held.isdisjoint({"model.weights.h5", "model.weights.json"}):
        return True
    if "checkpoint" in held and any(name.endswith(_INDEX) for name in held):
        return True
    return not held.isdisjoint({"saved_model.pb", "_CHECKPOINT_METADATA"})


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise KeptError("cannot be scanned", path=folder, found=error.strerror or str(error)) from error


def _searched(top: str) -> Iterator[str]:
    """Folders are gone through without following links: what lies outside the tree was not asked for."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listed:
                entries = {entry.name: entry for entry in listed}
        except OSError:
            yield folder  # judging it tells why
            continue
        if folder != top and is_model_folder(entries):
            yield folder
            continue
        parts = _parts(entries)
        for name, entry in entries.items():
            path = os.path.normpath(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if name not in _FOREIGN and not name.startswith(".git"):
                    waiting.append(path)
            elif name not in parts and entry.is_file(follow_symlinks=False) and _is_model(path, name):
                yield path


def _parts(entries: _Entries) -> frozenset[str]:
    """Shards of weights, which are judged with the index that names them."""
    stems = {name.removesuffix(".weights.json") for name in entries if name.endswith(".weights.json")}
    found = set()
    for name in entries:
        stem, _, number = name.removesuffix(".weights.h5").rpartition("_")
        if stem in stems and number.isdigit() and name.endswith(".weights.h5"):
            found.add(name)
    return frozenset(found)


def _is_model(path: str, name: str) -> bool:
    lowered = name.lower()
    if lowered.endswith(_NAMES):
        return True
    if os.path.splitext(lowered)[1] in _OTHERS:
        return False
    if lowered.endswith(_INDEX):
        return _tail(path).endswith(_TABLE)
    try:
        with open(path, "rb") as stream:
            head = stream.read(_HEAD_NBYTES)
    except OSError:
        return False
    if head.startswith(_HDF5):
        return True
    if head.startswith(_ZIP):
        return _holds_model(path)
    return head.lstrip().startswith(b"{") and b'"class_name"' in head and b'"config"' in head


def _tail(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _TAIL_NBYTES))
            return stream.read(_TAIL_NBYTES)
    except OSError:
        return b""


def _holds_model(path: str) -> bool:
    """Whether the directory of a zip archive, which stands at its end, has the members of a model."""
    tail = _tail(path)
    return b"config.json" in tail and (b"metadata.json" in tail or b"model.weights.h5" in tail)
