"""Python's pickles, and what joblib, Torch and numpy make of them: recognised, and refused.

Keras has no such format. A file of that kind that is called a model has to be unpickled, which runs what it says.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from ..errors import KeptError, PickledDataError
from ..limits import Limits
from .base import Format, Probe
from .content import HEAD_NBYTES, kind_of
from .source import Source
from .zip_layout import read_directory

__all__ = ["FORMAT"]

_INNER = (".pkl", ".pickle")
_OWN = frozenset({"config.json", "metadata.json", "model.weights.h5"})


def _sniff(probe: Probe) -> bool:
    if probe.is_folder or probe.hdf5_at is not None:
        return False
    with Source(probe.path) as source:
        return (
            _is_of_torch(source, probe.limits) if probe.is_zip else "pickle" in kind_of(source.read_at(0, HEAD_NBYTES))
        )


def _is_of_torch(source: Source, limits: Limits) -> bool:
    try:
        names = read_directory(source, limits)
    except KeptError:
        return False  # whoever opens it says what is wrong
    return names.keys().isdisjoint(_OWN) and any(name.endswith(_INNER) for name in names)


def _open(path: Path, limits: Limits) -> NoReturn:
    with Source(path) as source:
        kind = kind_of(source.read_at(0, HEAD_NBYTES))
    kind = "an archive of pickles, as torch.save writes it" if kind == "a zip archive" else kind
    raise PickledDataError(
        f"is {kind}, which runs code when it is read",
        path=path,
        expected="a model",
        hint="ask for the weights as .safetensors, .weights.h5 or .npz",
    )


FORMAT = Format("pickle", _sniff, _open, rank=-2)
