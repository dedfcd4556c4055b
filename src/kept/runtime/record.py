"""kept's own record: the key `kept` in `metadata.json`. What it means is specified in docs/file-format.md."""

from __future__ import annotations

import importlib.metadata
import platform
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import keras

from ..errors import CorruptFileError, shown
from ..formats.artifact import FORMAT_VERSION
from .recorded import Call, Recorded
from .source_origins import describe, is_local
from .source_units import SourceUnit
from .state import ExtraState

__all__ = ["Environment", "Record", "custom_objects_of", "versions"]


@cache
def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def versions() -> dict[str, str]:
    """Versions of what made a file: kept, Keras, its backend, Python."""
    backend = keras.backend.backend()
    return {
        "kept": _version("kept"),
        "keras": keras.__version__,
        "backend": backend,
        backend: _version(backend),
        "python": platform.python_version(),
    }


@dataclass(frozen=True, slots=True)
class Environment:
    """Global settings of Keras that decide what a constructor builds."""

    dtype_policy: Any
    floatx: str

    @classmethod
    def current(cls) -> Environment:
        """As it is now in this process."""
        return cls.with_policy(keras.config.dtype_policy())

    @classmethod
    def with_policy(cls, policy: Any) -> Environment:
        """As it is now, but for the dtype policy."""
        return cls(keras.saving.serialize_keras_object(policy), keras.config.floatx())

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {"dtype_policy": self.dtype_policy, "floatx": self.floatx}


@dataclass(slots=True)
class Record:
    """Everything that kept writes beside what Keras writes.

    Attributes:
        objects: Custom classes and functions.
        sources: Embedded source by module.
        calls: Path in the config tree -> how that object is constructed, where the config alone would not do.
        state: What Keras's own saving leaves out.
        environment: Global settings at the time of the save.
        tensors: Tensor name -> offset, shape, dtype, checksum; filled by the writer.
        weights_crc: CRC of the weights member for which `tensors` holds.
        fingerprint: What the saved model looked like; None before it is taken.
        made_by: Versions.
        training: Where a training stood, in a checkpoint of one.
        environment_mended: Whether the environment is another than that of the save; not written.
    """

    objects: list[Recorded] = field(default_factory=list)
    sources: dict[str, SourceUnit] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    state: ExtraState = field(default_factory=ExtraState)
    environment: Environment | None = None
    tensors: dict[str, Any] = field(default_factory=dict)
    weights_crc: int = 0
    fingerprint: dict[str, Any] | None = None
    made_by: dict[str, str] = field(default_factory=dict)
    training: dict[str, Any] | None = None
    environment_mended: bool = False

    def again(self) -> Record:
        """The same before anything was written, to which more can be added while this one stays."""
        return replace(self, state=self.state.again(), tensors={}, weights_crc=0, fingerprint=None, training=None)

    def to_dict(self) -> dict[str, Any]:
        """The value of the key `kept`."""
        return {
            "format": FORMAT_VERSION,
            "versions": self.made_by,
            "objects": [one.to_dict() for one in self.objects],
            "sources": {module: unit.to_dict() for module, unit in self.sources.items()},
            "calls": {path: call.to_dict() for path, call in self.calls.items()},
            "state": self.state.to_dict(),
            "environment": self.environment.to_dict() if self.environment else None,
            "tensors": self.tensors,
            "weights_crc": self.weights_crc,
            "fingerprint": self.fingerprint,
            **({} if self.training is None else {"training": self.training}),
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Record | None:
        """The record of a file, or None where kept did not write it.

        Raises:
            CorruptFileError: The record is there and cannot be read.
        """
        data = metadata.get("kept")
        if data is None:
            return None
        try:
            environment = data.get("environment")
            return cls(
                [Recorded.from_dict(one) for one in data["objects"]],
                {module: SourceUnit.from_dict(unit) for module, unit in data["sources"].items()},
                {path: Call.from_dict(call) for path, call in data["calls"].items()},
                ExtraState.from_dict(data["state"]),
                Environment(environment["dtype_policy"], environment["floatx"]) if environment else None,
                dict(data["tensors"]),
                int(data["weights_crc"]),
                data.get("fingerprint"),
                dict(data.get("versions", {})),
                data.get("training"),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, CorruptFileError):
                raise
            raise CorruptFileError("kept's record cannot be read", where="metadata.json", found=shown(data)) from error

    @property
    def required(self) -> list[str]:
        """What a loading process must trust: exactly what this file needs."""
        needed = [f"sha256:{unit.sha256}" for unit in self.sources.values()]
        modules = {one.module for one in self.objects if one.reference is None and _is_asked_for(one.module)}
        return [*needed, *sorted(modules)]


def _is_asked_for(module: str) -> bool:
    return module != "__main__" and module.partition(".")[0] != "keras"


def custom_objects_of(
    nodes: Mapping[str, Any], names: Mapping[str, str] = MappingProxyType({}), *, embed_source: bool
) -> tuple[list[Recorded], dict[str, SourceUnit]]:
    """Records of the custom classes and functions of a model, and the source that makes the file self-contained.

    Args:
        nodes: Path in the config tree, or token of a value -> live class or function.
        names: Path or token -> the name it is asked for by, where that is not its own.
        embed_source: Whether source of what no installed distribution holds goes into the file.

    Raises:
        SerializationError: An object has no source that could be kept.
    """
    from .sources import SourceCollector

    collector = SourceCollector()
    by_object: dict[tuple[int, str], tuple[Any, list[str]]] = {}
    for path, target in nodes.items():
        by_object.setdefault((id(target), names.get(path, "")), (target, []))[1].append(path)
    objects = []
    for (_, name), (target, paths) in by_object.items():
        origin = describe(target)
        reference = collector.add(target) if embed_source and is_local(target) else None
        objects.append(
            Recorded(
                f"{origin.module}:{origin.qualname}", name or _registered_name(target), tuple(paths), reference,
                origin.file, origin.line, origin.source_sha256, origin.signature,
            )
        )  # fmt: skip
    return objects, dict(collector.units())


def _registered_name(target: Any) -> str:
    if isinstance(target, (type, types.FunctionType)) or hasattr(target, "python_function"):
        return str(keras.saving.get_registered_name(target))
    return str(getattr(target, "__name__", type(target).__name__))
