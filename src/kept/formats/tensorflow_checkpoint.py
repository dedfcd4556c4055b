"""A checkpoint of TensorFlow on its own: `tf.train.Checkpoint`, `save_weights` of Keras 2, and what TensorFlow 1 wrote.

A folder is opened at the checkpoint that its file `checkpoint` names, a file `NAME.index` at its own. Extras: `prefix`,
the path that TensorFlow knows it by; `names` of variables by the path of their tensor; and `check()`, which reads every
tensor and raises `CorruptFileError` when a checksum is wrong.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path

from ..errors import CorruptFileError, LimitExceededError, UnsafeContentError
from ..limits import Limits
from .artifact import Artifact
from .base import Format, Probe
from .places import Place
from .source import Source
from .tensorflow import MAGIC

__all__ = ["FORMAT"]

_STATE, _INDEX = "checkpoint", ".index"
_LATEST = re.compile(rb'^model_checkpoint_path: "((?:[^"\\]|\\.)*)"$', re.MULTILINE)


def _sniff(probe: Probe) -> bool:
    if probe.is_folder:
        return _STATE in probe.names and any(name.endswith(_INDEX) for name in probe.names)
    with Source(probe.path) as source:
        return source.read_at(max(0, source.nbytes - len(MAGIC)), len(MAGIC)) == MAGIC


def _open(path: Place, limits: Limits) -> Artifact:
    from .tensorflow.bundle import read_bundle
    from .tensorflow.object_graph import names_of, tracked_objects

    with ExitStack() as resources:
        prefix = _latest(path, limits) if path.is_dir() else path.with_name(path.name.removesuffix(_INDEX))
        bundle = read_bundle(prefix, limits, resources, None if path.is_dir() else path)
        names = names_of(tracked_objects(bundle, path, limits), bundle)
        return Artifact(
            path,
            "tensorflow_checkpoint",
            tensors=bundle.tensors,
            extras={"prefix": prefix, "names": names, "check": bundle.check},
            _resources=resources.pop_all(),
        )


def _latest(folder: Place, limits: Limits) -> Place:
    file = folder / _STATE
    if not file.is_file():
        raise CorruptFileError("no file", path=folder, where=_STATE)
    with Source(file) as source:
        if source.nbytes > limits.json_bytes:
            raise LimitExceededError("the file is too large", path=file, expected=f"at most {limits.json_bytes} bytes")
        found = _LATEST.search(source.read_at(0, source.nbytes))
    name = found[1].decode(errors="replace") if found else ""
    if not name:
        raise CorruptFileError("does not say which checkpoint is the latest", path=file)
    above = Path(name).parent
    if Path(name).name != name and above != Path(os.path.abspath(folder)):  # either is what TensorFlow writes
        raise UnsafeContentError("names a checkpoint in another folder", path=file, found=name)
    if not (folder / f"{Path(name).name}{_INDEX}").is_file():
        raise CorruptFileError("the latest checkpoint is missing", path=file, where=f"{Path(name).name}{_INDEX}")
    return folder / Path(name).name


FORMAT = Format("TensorFlow checkpoint", _sniff, _open, rank=2)
