"""Weights as `safetensors` keeps them: a JSON header that says where each tensor lies, then the bytes of all of them.

Extras of an open one: `metadata`, the texts that the header carries beside the tensors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from ..errors import CorruptFileError, LimitExceededError, SerializationError, UnsupportedVersionError, shown
from ..limits import Limits
from . import strict_json
from .artifact import Artifact, NewTensor, Tensor, TensorRecord, Written
from .base import Format, Probe, refuse_second_reading
from .checksums import crc32
from .dtypes import numpy_type
from .output import Output
from .places import Place
from .shapes import checked_shape
from .source import Source

__all__ = ["FORMAT", "write"]

_METADATA = "__metadata__"
_KEYS = {"dtype", "shape", "data_offsets"}
# Four and six bits wide: several values in one byte, which no array of numpy has.
_PACKED = frozenset({"F4", "F6_E2M3", "F6_E3M2"})
_NAMES = {
    "bool": "BOOL",
    **{f"{kind}int{bits}": f"{letter}{bits}" for kind, letter in (("", "I"), ("u", "U")) for bits in (8, 16, 32, 64)},
    "float16": "F16",
    "bfloat16": "BF16",
    "float32": "F32",
    "float64": "F64",
    "complex64": "C64",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e8m0fnu": "F8_E8M0",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
}
_TYPES = {name: dtype for dtype, name in _NAMES.items()}
_LENGTH_NBYTES = 8
# Where the data begin, as other writers align them at least.
_ALIGNMENT = 64
# A header that claims to be longer is no header: the file is of another kind.
_SNIFFED_NBYTES = 1 << 32


def write(file: str, tensors: Mapping[str, NewTensor], metadata: Mapping[str, str] | None = None) -> Written:
    """Writes a file of weights; wider types come first, so that each tensor lies aligned.

    Args:
        file: Where to; what is there is overwritten. May be `/proc/self/fd/N`.
        tensors: By inner path.
        metadata: Texts to carry along.

    Raises:
        WriteError: The system refuses.
        SerializationError: A tensor has a type or name that the format lacks.
    """
    header: dict[str, Any] = {_METADATA: dict(metadata)} if metadata else {}
    places: dict[str, tuple[int, int]] = {}
    end = 0
    for path in sorted(tensors, key=lambda path: -numpy_type(tensors[path].dtype).itemsize):
        tensor = tensors[path]
        if tensor.dtype not in _NAMES or path == _METADATA:
            raise SerializationError("safetensors cannot hold it", where=path, found=f"{tensor.dtype} {tensor.shape}")
        start, end = end, end + math.prod(tensor.shape) * numpy_type(tensor.dtype).itemsize
        places[path] = start, end
        header[path] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = strict_json.dump(header, "header")
    text += b" " * (-(_LENGTH_NBYTES + len(text)) % _ALIGNMENT)
    data, records = _LENGTH_NBYTES + len(text), {}
    with Output(file, truncate=True) as output:
        output.reserve(data + end)
        output.write(0, len(text).to_bytes(_LENGTH_NBYTES, "little") + text)
        for path, (start, stop) in places.items():
            content, tensor = tensors[path].content(path), tensors[path]
            output.write(data + start, content)
            offset = data + start if stop > start else None
            sum_of = f"crc32:{crc32(content):08x}"
            records[path] = TensorRecord(offset, tensor.shape, tensor.dtype, stop - start, sum_of)
    return Written({path: records[path] for path in tensors})


def _sniff(probe: Probe) -> bool:
    if probe.is_folder or probe.is_zip:
        return False
    with Source(probe.path) as source:
        head = source.read_at(0, _LENGTH_NBYTES + 1)
    return head[_LENGTH_NBYTES:] == b"{" and int.from_bytes(head[:_LENGTH_NBYTES], "little") < _SNIFFED_NBYTES


def _open(path: Place, limits: Limits) -> Artifact:
    with ExitStack() as resources:
        source = resources.enter_context(Source(path))
        refuse_second_reading(source)
        nbytes = int.from_bytes(source.read_at(0, _LENGTH_NBYTES), "little")
        if nbytes > limits.json_bytes:
            expected = f"at most {limits.json_bytes} bytes"
            raise LimitExceededError("the header is too large", path=path, expected=expected, found=f"{nbytes} bytes")
        data = _LENGTH_NBYTES + nbytes
        if data > source.nbytes:
            found = f"{source.nbytes} bytes"
            raise CorruptFileError("the header is cut", path=path, expected=f"{data} bytes", found=found)
        header = strict_json.parse(source.read_at(_LENGTH_NBYTES, nbytes), path=path, where="header", limits=limits)
        metadata = header.pop(_METADATA, {})
        if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
            raise CorruptFileError("not a dict of texts", path=path, where=_METADATA, found=shown(metadata))
        if len(header) > limits.tensor_count:
            raise LimitExceededError("too many tensors", path=path, expected=f"at most {limits.tensor_count}")
        tensors = {name: _tensor(source, data, name, said, limits) for name, said in header.items()}
        _refuse_gaps(source, data, tensors)
        tensors = {name: one if one.nbytes else replace(one, offset=None, source=None) for name, one in tensors.items()}
        return Artifact(
            path,
            "safetensors",
            tensors=tensors,
            extras={"metadata": metadata},
            _resources=resources.pop_all(),
        )


def _tensor(source: Source, data: int, name: str, said: Any, limits: Limits) -> Tensor:
    if len(name) > limits.name_bytes:
        raise LimitExceededError("an inner path is too long", path=source.path, where=shown(name))

    def corrupt(message: str, expected: str, found: object) -> CorruptFileError:
        return CorruptFileError(message, path=source.path, where=name, expected=expected, found=shown(found))

    if not isinstance(said, dict) or said.keys() != _KEYS:
        raise corrupt("not the description of a tensor", "dtype, shape and data_offsets", said)
    dtype, bounds = said["dtype"], said["data_offsets"]
    if isinstance(dtype, str) and dtype in _PACKED:
        raise UnsupportedVersionError("a type that this version cannot read", path=source.path, where=name, found=dtype)
    if not isinstance(dtype, str) or dtype not in _TYPES:
        raise corrupt("no tensor has such a type", ", ".join(_TYPES), dtype)
    kind = numpy_type(_TYPES[dtype])
    shape = checked_shape(said["shape"], kind.itemsize, path=source.path, where=name)
    nbytes = math.prod(shape) * kind.itemsize
    if not isinstance(bounds, list) or len(bounds) != 2 or not all(type(bound) is int for bound in bounds):
        raise corrupt("not a place in the file", "where it begins and ends", bounds)
    if bounds[0] < 0 or bounds[1] - bounds[0] != nbytes or data + bounds[1] > source.nbytes:
        expected = f"{nbytes} bytes within {source.nbytes - data}"
        raise corrupt("its place does not fit its shape, or the file is cut", expected, bounds)
    return Tensor(name, shape, _TYPES[dtype], nbytes, data + bounds[0], source)


def _refuse_gaps(source: Source, data: int, tensors: Mapping[str, Tensor]) -> None:
    """Every byte belongs to one tensor, so that nothing else hides in the file."""
    end = data
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.offset or 0, tensor.nbytes)):
        if tensor.offset != end:
            raise CorruptFileError("tensors overlap, or leave a gap", path=source.path, where=tensor.path)
        end += tensor.nbytes
    if end != source.nbytes:
        found = f"{source.nbytes} bytes"
        raise CorruptFileError("bytes that no tensor has", path=source.path, expected=f"{end} bytes", found=found)


FORMAT = Format(".safetensors file", _sniff, _open)
