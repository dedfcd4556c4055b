"""Values that JSON cannot hold, written as tagged JSON and read back as what they were. Nothing is pickled.

A plain JSON value stands for itself; everything else is `{"$": tag, ...}`. Arrays go to a store beside the JSON.
"""

from __future__ import annotations

import base64
import math
import pathlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import CorruptFileError, shown

__all__ = ["NotEncodable", "StoreArray", "array_digest", "decode", "digest_array", "encode"]

StoreArray = Callable[[np.ndarray], str]
_DEPTH = 32


class NotEncodable(Exception):
    """A value that has no codec; `args[0]` is the value."""


def array_digest(array: np.ndarray) -> str:
    """`crc32:` of an array's bytes in C order, as the file records it for a tensor."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return f"crc32:{zlib.crc32(flat.view(np.uint8).data):08x}"


def digest_array(array: np.ndarray) -> str:
    """A store that keeps only what is needed to compare: dtype, shape and digest."""
    if array.dtype.hasobject:
        raise NotEncodable(array)
    return f"{array.dtype}{list(array.shape)}{array_digest(array)}"


def _float(value: float) -> Any:
    return value if math.isfinite(value) else {"$": "float", "value": repr(value)}


def encode(value: Any, store: StoreArray, depth: int = 0) -> Any:
    """A value as JSON.

    Args:
        value: None, bool, int, float, str, bytes, complex, range, slice, Ellipsis, Path, numpy scalar, array, dtype or
            generator, or a list, tuple, dict, set or frozenset of those.
        store: Takes an array and returns the name under which `decode` will ask for it.
        depth: How deep the value is nested.

    Raises:
        NotEncodable: The value, or one inside it, has no codec.
    """
    if depth > _DEPTH:
        raise NotEncodable(value)
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return _float(value)
    encoder = _ENCODERS.get(kind)
    if encoder is not None:
        return encoder(value, lambda child: encode(child, store, depth + 1))
    if kind.__name__ in ("TrackedList", "ListWrapper", "_ListWrapper") and isinstance(value, list):
        return [encode(child, store, depth + 1) for child in value]
    if kind.__name__ in ("TrackedDict", "_DictWrapper"):
        return encode(dict(value), store, depth)
    if kind.__name__ == "TrackedSet":
        return encode(set(value), store, depth)
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise NotEncodable(value)
        return {"$": "array", "value": store(value)}
    if isinstance(value, np.generic):
        return {"$": "scalar", "value": store(np.asarray(value))}
    if isinstance(value, pathlib.PurePath):
        return {"$": "path", "value": str(value), "pure": not isinstance(value, pathlib.Path)}
    raise NotEncodable(value)


def _dict(value: dict[Any, Any], inner: Callable[[Any], Any]) -> Any:
    if all(type(key) is str and key != "$" for key in value):
        return {key: inner(child) for key, child in value.items()}
    return {"$": "dict", "items": [[inner(key), inner(child)] for key, child in value.items()]}


def _unordered(tag: str) -> Callable[[Any, Callable[[Any], Any]], Any]:
    def encoder(value: Any, inner: Callable[[Any], Any]) -> Any:
        return {"$": tag, "items": sorted((inner(child) for child in value), key=repr)}

    return encoder


_ENCODERS: dict[type, Callable[[Any, Callable[[Any], Any]], Any]] = {
    list: lambda value, inner: [inner(child) for child in value],
    tuple: lambda value, inner: {"$": "tuple", "items": [inner(child) for child in value]},
    dict: _dict,
    set: _unordered("set"),
    frozenset: _unordered("frozenset"),
    bytes: lambda value, _: {"$": "bytes", "base64": base64.b64encode(value).decode()},
    bytearray: lambda value, _: {"$": "bytearray", "base64": base64.b64encode(value).decode()},
    complex: lambda value, _: {"$": "complex", "value": [_float(value.real), _float(value.imag)]},
    range: lambda value, _: {"$": "range", "value": [value.start, value.stop, value.step]},
    slice: lambda value, inner: {"$": "slice", "items": [inner(value.start), inner(value.stop), inner(value.step)]},
    type(...): lambda value, _: {"$": "ellipsis"},
    np.random.Generator: lambda value, inner: {
        "$": "generator",
        "name": type(value.bit_generator).__name__,
        "state": inner(value.bit_generator.state),
    },
}


def decode(value: Any, arrays: Mapping[str, Any]) -> Any:
    """The value that `encode` wrote.

    Args:
        value: What `encode` returned.
        arrays: Name -> array, for what the store was given.

    Raises:
        CorruptFileError: An unknown tag, or an array that is not there.
    """
    if isinstance(value, list):
        return [decode(child, arrays) for child in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: decode(child, arrays) for key, child in value.items()}
    decoder = _DECODERS.get(value["$"]) if isinstance(value["$"], str) else None
    if decoder is None:
        raise CorruptFileError("a value has a tag that kept does not know", found=shown(value["$"]))
    try:
        return decoder(value, lambda child: decode(child, arrays), arrays)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorruptFileError("a value cannot be read back", found=shown(value)) from error


def _generator(value: dict[str, Any], inner: Callable[[Any], Any], arrays: Mapping[str, Any]) -> np.random.Generator:
    name = value["name"]
    if name not in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        raise ValueError(name)
    bits = getattr(np.random, name)()
    bits.state = inner(value["state"])
    return np.random.Generator(bits)


_Decoder = Callable[[dict[str, Any], Callable[[Any], Any], Mapping[str, Any]], Any]
_DECODERS: dict[str, _Decoder] = {
    "float": lambda v, inner, arrays: float(v["value"]),
    "tuple": lambda v, inner, arrays: tuple(inner(child) for child in v["items"]),
    "dict": lambda v, inner, arrays: {inner(key): inner(child) for key, child in v["items"]},
    "set": lambda v, inner, arrays: {inner(child) for child in v["items"]},
    "frozenset": lambda v, inner, arrays: frozenset(inner(child) for child in v["items"]),
    "bytes": lambda v, inner, arrays: base64.b64decode(v["base64"], validate=True),
    "bytearray": lambda v, inner, arrays: bytearray(base64.b64decode(v["base64"], validate=True)),
    "complex": lambda v, inner, arrays: complex(*(inner(part) for part in v["value"])),
    "range": lambda v, inner, arrays: range(*v["value"]),
    "slice": lambda v, inner, arrays: slice(*(inner(child) for child in v["items"])),
    "ellipsis": lambda v, inner, arrays: ...,
    "array": lambda v, inner, arrays: np.array(arrays[v["value"]]),
    "scalar": lambda v, inner, arrays: np.asarray(arrays[v["value"]])[()],
    "path": lambda v, inner, arrays: (pathlib.PurePath if v["pure"] else pathlib.Path)(v["value"]),
    "generator": _generator,
}
