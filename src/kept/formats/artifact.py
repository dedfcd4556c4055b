"""What every format opens into and is written from: the narrow waist between formats and operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Self

import numpy as np

from ..errors import SerializationError, UnsupportedVersionError, shown
from .checksums import crc32
from .dtypes import byte_view, numpy_type, type_name
from .places import Place
from .source import Source

__all__ = [
    "FORMAT_VERSION",
    "Artifact",
    "Asset",
    "NewTensor",
    "Tensor",
    "TensorRecord",
    "Written",
    "check_version",
    "checksum",
]

FORMAT_VERSION = 1


def checksum(array: np.ndarray[Any, Any]) -> str:
    """`crc32:xxxxxxxx` over the array's bytes, little-endian and in C order."""
    return f"crc32:{crc32(byte_view(array)):08x}"


def check_version(record: object, path: Place) -> None:
    """Refuses a file whose kept record was written by a newer kept.

    Raises:
        UnsupportedVersionError: The record's format version is above `FORMAT_VERSION`.
    """
    version = record.get("format", FORMAT_VERSION) if isinstance(record, Mapping) else FORMAT_VERSION
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise UnsupportedVersionError(
            "the kept record has a format this version cannot read",
            path=path,
            where="metadata.json",
            expected=f"format {FORMAT_VERSION} or older",
            found=shown(version),
            hint="pip install --upgrade kept",
        )


@dataclass(frozen=True, slots=True)
class Tensor:
    """An array on disk, not read yet.

    Attributes:
        path: Inner path with the key: `layers/dense/vars/0`.
        shape: Its shape.
        dtype: Name of a numpy or ml_dtypes type.
        nbytes: Size in memory.
        offset: Where its bytes lie in the file, None when they are not there in one piece.
        source: The file in which `offset` counts, while it is open; None where there is no offset.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    offset: int | None
    source: Source | None = field(default=None, repr=False, compare=False)
    _read: Callable[[Tensor], np.ndarray[Any, Any]] | None = field(default=None, repr=False, compare=False)

    def read(self) -> np.ndarray[Any, Any]:
        """The values, read-only; mapped from the file without a copy where they lie there in one piece.

        Of a file behind a URL, exactly their bytes are fetched.
        """
        if self._read is not None:
            return self._read(self)
        array: np.ndarray[Any, Any] = np.empty(self.shape, numpy_type(self.dtype))
        if self.source is not None and self.offset is not None:
            array = np.ndarray(self.shape, array.dtype, self.source.view(self.offset, self.nbytes))
            array = array if array.flags.aligned else array.copy()
        array.flags.writeable = False
        return array

    def checksum(self) -> str:
        """The checksum of the bytes now in the file, in the form of `TensorRecord.checksum`."""
        return checksum(self.read())


@dataclass(frozen=True, slots=True)
class Asset:
    """A file inside a file.

    Attributes:
        name: Path below `assets/`, with forward slashes.
        nbytes: Its size.
    """

    name: str
    nbytes: int
    _read: Callable[[], bytes] = field(repr=False, compare=False)
    _beginning: Callable[[int], bytes] | None = field(default=None, repr=False, compare=False)

    def read(self) -> bytes:
        """The content, its checksum verified where the format has one."""
        return self._read()

    def beginning(self, count: int) -> bytes:
        """Up to `count` bytes of the content from its first, without the rest being read or verified."""
        return self._beginning(count) if self._beginning is not None else self._read()[:count]


@dataclass(slots=True)
class Artifact:
    """A model file, open and checked; its large parts are read when asked for.

    Closing it does not invalidate arrays that `Tensor.read` has handed out.

    Attributes:
        path: The file or folder.
        format: Stem of the module that opened it: `keras_archive`, `weights_h5`, ...
        config: The model's config, None for weights alone.
        metadata: Keras's metadata, with kept's record under "kept" where kept wrote the file.
        tensors: By inner path.
        assets: By name below `assets/`.
        attributes: Text attributes by group path: `{"layers/dense/vars": {"name": "dense"}}`.
        extras: What only this format has; its module says what.
    """

    path: Place
    format: str
    config: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    _resources: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._resources.close()

    @property
    def record(self) -> Any:
        """Kept's record as the file has it, whatever that is; None where kept did not write the file."""
        return self.metadata.get("kept", self.extras.get("record"))

    def is_recorded_by(self, record: Mapping[str, Any]) -> bool:
        """Whether a record of kept is one of these weights, as far as the archive itself says."""
        crc = self.extras.get("weights_crc")
        return crc is None or record.get("weights_crc") == crc

    def recorded_checksums(self) -> dict[str, str]:
        """Inner path -> checksum, as kept's record has it where it is for these weights, else as the format has it."""
        record = self.record
        told = record.get("tensors") if isinstance(record, Mapping) else None
        if isinstance(told, Mapping) and self.is_recorded_by(record):
            return {path: str(one.get("checksum")) for path, one in told.items() if isinstance(one, Mapping)}
        return dict(self.extras.get("checksums", {}))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.tensors.values())


@dataclass(frozen=True, slots=True)
class NewTensor:
    """An array to be written; `read` is called when its turn has come, so that one at a time is in memory."""

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], np.ndarray[Any, Any]]

    @classmethod
    def of(cls, array: np.ndarray[Any, Any]) -> NewTensor:
        """An array that is already in memory."""
        return cls(array.shape, array.dtype.name, lambda: array)

    def content(self, path: str) -> memoryview:
        """The bytes, little-endian and in C order.

        Args:
            path: Its inner path, for the error.

        Raises:
            SerializationError: What is there now has another shape or type.
        """
        array = np.asarray(self.read())
        if array.shape != self.shape or type_name(array.dtype) != type_name(numpy_type(self.dtype)):
            raise SerializationError(
                "a tensor changed while it was being saved",
                where=path,
                expected=f"{self.dtype} {self.shape}",
                found=f"{type_name(array.dtype)} {array.shape}",
            )
        return byte_view(array)


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """Where a tensor was written and what it holds.

    Attributes:
        offset: Absolute position in the file; None for a tensor of no bytes.
        shape: Its shape.
        dtype: Name of its type.
        nbytes: Its size.
        checksum: `crc32:xxxxxxxx` of the raw bytes, little-endian, C order.
    """

    offset: int | None
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    checksum: str

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON-able data."""
        return {**asdict(self), "shape": list(self.shape)}


@dataclass(frozen=True, slots=True)
class Written:
    """What a write produced.

    Attributes:
        tensors: By inner path.
        weights_crc: CRC-32 of the weights member; 0 where the format has no member.
        weights_nbytes: Its size.
    """

    tensors: dict[str, TensorRecord]
    weights_crc: int = 0
    weights_nbytes: int = 0
