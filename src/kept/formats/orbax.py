"""A checkpoint of Orbax, as JAX programs and Keras's `OrbaxCheckpoint` write it: a tree of arrays in a folder.

A folder of steps is opened at the latest one. What the folder says in JSON is read here: names, and where each array
has a folder of its own also shapes and types. Everything else needs `tensorstore`, the library that Orbax itself reads
arrays with; it imports no JAX. Paths are the keys of the tree with slashes between, after the name of the item where
the checkpoint has several. Extras: `step`; `texts`, by path; and `documents`, the items that are JSON.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CorruptFileError, KeptError, LimitExceededError, UnsafeContentError, UnsupportedVersionError, shown
from ..limits import Limits
from . import strict_json
from .artifact import Artifact, Tensor
from .base import Format, Probe
from .dtypes import numpy_type
from .places import Place
from .shapes import checked_shape
from .source import Source

if TYPE_CHECKING:
    from .tensorstore_arrays import StoredArray

__all__ = ["FORMAT"]

_TREE, _ABOUT, _TEXTS, _DOCUMENT = "_METADATA", "_CHECKPOINT_METADATA", "_strings.json", "metadata"
_UNFINISHED = ".orbax-checkpoint-tmp"
_KERAS_CONFIG = "model_config/config"
_TEXT, _ARRAYS = "string", frozenset({"jax.Array", "np.ndarray", "scalar"})


@dataclass(slots=True)
class _Found:
    """What the items of a checkpoint hold."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)


def _sniff(probe: Probe) -> bool:
    if not probe.is_folder:
        return False
    return not probe.names.isdisjoint({_TREE, _ABOUT}) or bool(_steps(probe.path, probe.names))


def _steps(folder: Place, names: frozenset[str]) -> list[int]:
    """The steps in a folder, in order."""
    numbers = (int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 18)
    return sorted(number for number in numbers if (folder / str(number) / _ABOUT).is_file())


def _open(path: Path, limits: Limits) -> Artifact:
    if _UNFINISHED in path.name:
        raise CorruptFileError("a checkpoint that was not finished", path=path)
    names = frozenset(os.listdir(path))
    steps = [] if names & {_TREE, _ABOUT} else _steps(path, names)
    root = path / str(steps[-1]) if steps else path
    sizes = _sizes(root, limits)
    about = _json(root / _ABOUT, limits) if (root / _ABOUT).is_file() else {}
    found = _Found()
    for name, folder in _items(root):
        _read_item(f"{name}/" if name else "", folder, sum(sizes.values()), limits, found)
    config = found.texts.get(_KERAS_CONFIG)
    return Artifact(
        path,
        "orbax",
        strict_json.parse(config.encode(), path=root, where=_KERAS_CONFIG, limits=limits, finite=False)
        if config
        else None,
        _saved(about),
        found.tensors,
        extras={"step": steps[-1] if steps else None, "texts": found.texts, "documents": found.documents},
    )


def _sizes(root: Path, limits: Limits) -> dict[Path, int]:
    """Size of each file. Files may be links, as the caches of model hubs have them; nothing else may be."""
    found: dict[Path, int] = {}
    for above, folders, names in os.walk(root):
        for entry in (Path(above, name) for name in (*folders, *names)):
            if not (entry.is_file() or (entry.is_dir() and not entry.is_symlink())):
                where = entry.relative_to(root).as_posix()
                raise UnsafeContentError("holds what is no file or folder of its own", path=root, where=where)
        found |= {Path(above, name): os.stat(Path(above, name)).st_size for name in names}
        if len(found) > limits.member_count:
            raise LimitExceededError("too many files", path=root, expected=f"at most {limits.member_count}")
    return found


def _json(file: Path, limits: Limits) -> dict[str, Any]:
    with Source(file) as source:
        content = source.read_at(0, min(source.nbytes, limits.json_bytes + 1))
    return strict_json.parse(content, path=file, where="", limits=limits)


def _items(root: Path) -> Iterator[tuple[str, Path]]:
    """The items by their names; the empty name is that of a checkpoint that is one item."""
    if (root / _TREE).is_file():
        yield "", root
        return
    items = [one for one in sorted(root.iterdir()) if one.is_dir()]
    unfinished = [one.name for one in items if _UNFINISHED in one.name]
    if unfinished or not items:
        found = unfinished[0] if unfinished else "no item"
        raise CorruptFileError("a checkpoint that was not finished", path=root, found=found)
    yield from ((one.name, one) for one in items)


def _read_item(prefix: str, folder: Path, stored_nbytes: int, limits: Limits, found: _Found) -> None:
    from .tensorstore_arrays import Zarr

    if not (folder / _TREE).is_file():
        if (folder / _DOCUMENT).is_file():
            found.documents[prefix.rstrip("/")] = _json(folder / _DOCUMENT, limits)
        return
    about = _json(folder / _TREE, limits)
    texts = _json(folder / _TEXTS, limits) if (folder / _TEXTS).is_file() else {}
    arrays: dict[str, str] = {}
    for keys, kind in _leaves(about, folder, limits):
        path, name = prefix + "/".join(keys), ".".join(keys)
        if kind == _TEXT:
            found.texts[path] = _text(texts, name, folder)
        elif path in arrays or path in found.tensors:
            raise CorruptFileError("two leaves of one path", path=folder / _TREE, where=path)
        else:
            arrays[path] = name
    if len(arrays) + len(found.tensors) > limits.tensor_count:
        raise LimitExceededError("too many tensors", path=folder, expected=f"at most {limits.tensor_count}")
    zarr = Zarr(
        folder,
        in_one=about.get("use_ocdbt") is not False,
        is_v3=about.get("use_zarr3") is True,
        is_complete=about.get("store_array_data_equal_to_fill_value") is True,
    )
    opened = zarr.arrays(list(arrays.values()), limits)
    for path, name in arrays.items():
        found.tensors[path] = _tensor(path, opened[name], folder, stored_nbytes, limits)


def _leaves(about: Mapping[str, Any], folder: Path, limits: Limits) -> Iterator[tuple[list[str], str]]:
    """Keys and kind of each leaf that holds something."""
    tree = about.get("tree_metadata")
    if not isinstance(tree, dict):
        raise CorruptFileError("holds no tree", path=folder / _TREE, found=shown(tree))
    for name, leaf in tree.items():
        try:
            keys = [str(one["key"]) for one in leaf["key_metadata"]]
            value = leaf["value_metadata"]
            kind, is_empty = str(value["value_type"]), bool(value.get("skip_deserialize"))
        except (TypeError, KeyError, AttributeError) as error:
            raise CorruptFileError("not a leaf of the tree", path=folder / _TREE, where=shown(name)) from error
        if sum(map(len, keys)) > limits.name_bytes:
            raise LimitExceededError("an inner path is too long", path=folder / _TREE, where=shown(name))
        if any("/" in key or key in ("", ".", "..") for key in keys):
            raise UnsafeContentError("a key that leads out of its folder", path=folder / _TREE, where=shown(name))
        if is_empty:
            continue
        if kind not in (_TEXT, *_ARRAYS):
            raise UnsupportedVersionError("a leaf of no known kind", path=folder / _TREE, where=shown(name), found=kind)
        yield keys, kind


def _text(texts: Mapping[str, Any], name: str, folder: Path) -> str:
    found = texts.get(name)
    if not isinstance(found, str):
        raise CorruptFileError("a text is missing", path=folder / _TEXTS, where=name, found=shown(found))
    return found


def _tensor(path: str, one: StoredArray, folder: Path, stored_nbytes: int, limits: Limits) -> Tensor:
    try:
        itemsize = numpy_type(one.dtype).itemsize
    except KeptError as error:
        error.path, error.where = str(folder), path
        raise
    shape = checked_shape(one.shape, itemsize, path=folder, where=path)
    chunk = checked_shape(one.chunk, itemsize, path=folder, where=path)
    nbytes = math.prod(shape) * itemsize
    declared = max(nbytes, math.prod(chunk) * itemsize)
    if declared > limits.expansion_free_bytes and declared > limits.expansion_ratio * stored_nbytes:
        expected = f"at most {limits.expansion_ratio} x {stored_nbytes} bytes"
        raise LimitExceededError(
            "declares far more than it stores", path=folder, where=path, expected=expected, found=f"{declared}"
        )

    def read(tensor: Tensor) -> np.ndarray[Any, Any]:
        array = one.read()
        if array.shape != tensor.shape or array.dtype != numpy_type(tensor.dtype):
            raise CorruptFileError("changed while it was read", path=folder, where=path)
        array.flags.writeable = False
        return array

    return Tensor(path, shape, one.dtype, nbytes, None, None, read)


def _saved(about: Mapping[str, Any]) -> dict[str, str]:
    """When the checkpoint was written, in the form of Keras's metadata."""
    moment = about.get("commit_timestamp_nsecs")
    if type(moment) is not int or not 0 < moment < 1 << 62:
        return {}
    return {"date_saved": datetime.fromtimestamp(moment // 10**9, UTC).strftime("%Y-%m-%d@%H:%M:%S")}


FORMAT = Format("Orbax checkpoint", _sniff, _open, rank=3, reads_urls=False)
