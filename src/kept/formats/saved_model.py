"""TensorFlow's SavedModel folder: graphs with their signatures, variables, and the model of Keras where one is inside.

The config is that of Keras 2 where it wrote the folder. Tensors have the keys of TensorFlow's checkpoint, without the
ending that all values of variables have. Extras: `keras_archive`, the path of the whole `.keras` that kept put inside,
or None; `graphs`, see `ServedGraph`; `names` of variables by the path of their tensor; `objects`, the `KerasObject` of
the model of Keras 2 with its layers, or None; `training_config`, as in a legacy `.h5`; and `check()`, which reads
every tensor and raises `CorruptFileError` when a checksum is wrong.
"""

from __future__ import annotations

from pathlib import Path

from ..limits import Limits
from .artifact import Artifact
from .base import Format, Probe
from .places import Place

__all__ = ["FORMAT", "GRAPH", "KERAS_ARCHIVE", "OTHER_FORMS"]

KERAS_ARCHIVE = Path("assets.extra", "model.keras")
GRAPH = "saved_model.pb"
OTHER_FORMS = ("saved_model.pbtxt", "saved_model.cpb")


def _sniff(probe: Probe) -> bool:
    return probe.is_folder and not probe.names.isdisjoint({GRAPH, *OTHER_FORMS})


def _open(path: Place, limits: Limits) -> Artifact:
    from .tensorflow.saved_model import read_saved_model

    return read_saved_model(path, limits)


FORMAT = Format("SavedModel folder", _sniff, _open)
