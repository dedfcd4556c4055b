"""TensorFlow's SavedModel folder: recognised, and the whole Keras model that kept puts inside it found.

Its own graph and variables are TensorFlow's to load. Extras: `keras_archive`, the path of the `.keras` inside, or None.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import CorruptFileError
from ..limits import Limits
from .artifact import Artifact
from .base import Format, Probe
from .source import Source

__all__ = ["FORMAT", "KERAS_ARCHIVE"]

KERAS_ARCHIVE = Path("assets.extra", "model.keras")
_GRAPHS = 2
_VARINT, _LENGTH = 0, 2


def _varint(source: Source, position: int) -> tuple[int, int]:
    value = 0
    data = source.read_at(position, 10)
    for index, byte in enumerate(data):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, position + index + 1
    raise CorruptFileError("is cut or damaged", path=source.path, expected="a TensorFlow SavedModel")


def _fields(source: Source) -> Iterator[int]:
    """Numbers of the message's outermost fields, which must fill the file exactly."""
    position = 0
    while position < source.nbytes:
        key, position = _varint(source, position)
        value, position = _varint(source, position)
        if key & 7 not in (_VARINT, _LENGTH):
            raise CorruptFileError("is cut or damaged", path=source.path, expected="a TensorFlow SavedModel")
        position += value if key & 7 == _LENGTH else 0
        yield key >> 3
    if position != source.nbytes:
        raise CorruptFileError("is cut", path=source.path, expected=f"{position} bytes", found=f"{source.nbytes} bytes")


def _sniff(probe: Probe) -> bool:
    return "saved_model.pb" in probe.names


def _open(path: Path, limits: Limits) -> Artifact:
    with Source(path / "saved_model.pb") as source:
        if _GRAPHS not in set(_fields(source)):
            raise CorruptFileError("holds no graph: it is cut", path=source.path)
    if (path / "variables").is_dir() and not (path / "variables" / "variables.index").is_file():
        raise CorruptFileError("a part of the folder is missing", path=path, where="variables/variables.index")
    inside = path / KERAS_ARCHIVE
    return Artifact(path, "saved_model", extras={"keras_archive": inside if inside.is_file() else None})


FORMAT = Format("SavedModel folder", _sniff, _open)
