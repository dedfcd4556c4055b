"""A `.keras` archive unpacked into a folder, as model hubs keep it; its weights may be shards, which are only read.

Extras: `others`, the names of further files at the top of the folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import CorruptFileError, LimitExceededError, SerializationError, UnknownFormatError
from ..limits import Limits
from . import sharded_weights, strict_json, weights_h5
from .artifact import Artifact, Asset, NewTensor, Tensor, Written, check_version
from .base import Format, Probe
from .hdf5 import Hdf5
from .places import Place, sizes_below
from .source import Source
from .write_errors import writing
from .zip_layout import is_plain

__all__ = ["FORMAT", "holds_nothing_else", "write"]

_CONFIG, _METADATA, _WEIGHTS, _ASSETS = "config.json", "metadata.json", "model.weights.h5", "assets"
_INDEX = "model.weights.json"


def write(
    folder: str,
    *,
    config: dict[str, Any],
    tensors: Mapping[str, NewTensor],
    metadata: Callable[[Written], dict[str, Any]],
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    assets: Mapping[str, Path] | None = None,
) -> Written:
    """Writes a whole model into a folder; the arguments are those of `keras_archive.write`.

    Raises:
        WriteError: The system refuses.
        SerializationError: A tensor, config or metadata cannot be written.
    """
    root = Path(folder)
    written = weights_h5.write(str(root / _WEIGHTS), tensors, attributes)
    documents = {_CONFIG: strict_json.dump(config, _CONFIG), _METADATA: strict_json.dump(metadata(written), _METADATA)}
    with writing(folder):
        for name, document in documents.items():
            (root / name).write_bytes(document)
        shutil.rmtree(root / _ASSETS, ignore_errors=True)  # of an attempt before this one
        for name, file in (assets or {}).items():
            if not is_plain(name):
                raise SerializationError("an asset's name leads out of its folder", where=f"{_ASSETS}/{name}")
            copy = root / _ASSETS / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    return written


def holds_nothing_else(folder: str) -> bool:
    """Whether a folder is such a model, and nothing of anybody's else is in it."""
    names = set(os.listdir(folder))
    return {_CONFIG, _METADATA} <= names <= {_CONFIG, _METADATA, _WEIGHTS, _ASSETS}


def _sniff(probe: Probe) -> bool:
    return _CONFIG in probe.names and not probe.names.isdisjoint({_WEIGHTS, _INDEX})


def _open(path: Place, limits: Limits) -> Artifact:
    with ExitStack() as resources:
        documents = {name: _read(path / name, limits.json_bytes + 1) for name in (_CONFIG, _METADATA)}
        config = strict_json.parse(documents[_CONFIG], path=path, where=_CONFIG, limits=limits, finite=False)
        metadata = strict_json.parse(documents[_METADATA], path=path, where=_METADATA, limits=limits)
        check_version(metadata.get("kept"), path)
        tensors, attributes, files = _weights(path, limits, resources)
        others = sorted({one.name for one in path.iterdir()} - {_CONFIG, _METADATA, _ASSETS, *files})
        return Artifact(
            path,
            "keras_directory",
            config,
            metadata,
            tensors,
            _assets(path / _ASSETS, limits),
            attributes,
            {"others": others},
            resources.pop_all(),
        )


def _weights(
    folder: Place, limits: Limits, resources: ExitStack
) -> tuple[Mapping[str, Tensor], Mapping[str, Mapping[str, str]], set[str]]:
    """Tensors and attributes, and the names of the files that they are in."""
    if not (folder / _WEIGHTS).exists():
        index = resources.enter_context(sharded_weights.FORMAT.open(folder / _INDEX, limits))
        return index.tensors, index.attributes, {_INDEX, *index.extras["shards"]}
    source = resources.enter_context(Source(folder / _WEIGHTS))
    hdf5 = Hdf5(source, 0, source.nbytes, limits)
    resources.callback(hdf5.close)
    contents = hdf5.walk()
    return contents.tensors, contents.attributes, {_WEIGHTS}


def _read(file: Place, most: int | None = None) -> bytes:
    try:
        with Source(file) as source:
            return source.read_at(0, source.nbytes if most is None else min(source.nbytes, most))
    except UnknownFormatError as error:
        raise CorruptFileError(error.message, path=file) from error


def _assets(folder: Place, limits: Limits) -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    if not folder.is_dir():
        return found
    for inner, nbytes in sizes_below(folder):
        if len(found) == limits.member_count:
            raise LimitExceededError("too many assets", path=folder, expected=f"at most {limits.member_count}")
        found[inner] = Asset(inner, nbytes, partial(_read, folder / inner))
    return dict(sorted(found.items()))


FORMAT = Format("unpacked .keras folder", _sniff, _open, rank=1)
