"""Values that JSON cannot hold, written as tagged JSON and read back as what they were. Nothing is pickled.

A plain JSON value stands for itself; everything else is `{"$": tag, ...}`. Arrays go to a store beside the JSON,
classes and functions are named by tokens that are resolved under trust. Each module of this package holds one family
of types in `CODECS`, and is found by looking.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections import OrderedDict
from functools import cache
from typing import Any

from ...errors import CorruptFileError, KeptError, shown
from .base import Codec, Decoding, Digests, Encoding, Keeper, NotEncodable, Shelf, digest_array

__all__ = ["Digests", "Keeper", "NotEncodable", "Shelf", "codecs", "decode", "digest_array", "encode", "untracked"]


@cache
def codecs() -> tuple[Codec, ...]:
    """Every codec of this package, in the order in which they are asked."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    found = [codec for module in modules for codec in getattr(module, "CODECS", ())]
    return tuple(sorted(found, key=lambda one: one.rank))


@cache
def _by_kind() -> dict[type, Codec]:
    return {kind: codec for codec in codecs() for kind in codec.kinds}


@cache
def _by_tag() -> dict[str, Codec]:
    return {codec.tag: codec for codec in codecs()}


@cache
def _asked() -> tuple[Codec, ...]:
    return tuple(codec for codec in codecs() if codec.accepts is not None)


def untracked(value: Any) -> Any:
    """The plain container behind one that Keras or TensorFlow has put in its place."""
    name = type(value).__name__
    if name in ("TrackedList", "ListWrapper", "_ListWrapper") and isinstance(value, list):
        return list(value)
    if name in ("TrackedDict", "_DictWrapper"):
        return dict(value)
    if name == "TrackedOrderedDict":
        return OrderedDict(value)
    return set(value) if name == "TrackedSet" else value


def encode(value: Any, keeper: Keeper, depth: int = 0) -> Any:
    """A value as JSON.

    Args:
        value: Anything that one of `codecs()` takes.
        keeper: Takes arrays, classes, functions and objects of Keras.
        depth: How deep the value is nested.

    Raises:
        NotEncodable: The value, or one inside it, has no codec.
    """
    value = untracked(value)
    kind = type(value)
    if value is None or kind in (bool, int, str) or (kind is float and math.isfinite(value)):
        return value
    encoding = Encoding(keeper, encode, depth)
    if kind is list:
        return [encoding.inner(child) for child in value]
    if kind is dict and all(type(key) is str and key != "$" for key in value):
        return {key: encoding.inner(child) for key, child in value.items()}
    codec = _by_kind().get(kind) or next((one for one in _asked() if one.accepts and one.accepts(value)), None)
    if codec is None:
        raise NotEncodable(value)
    return {"$": codec.tag, **codec.encode(value, encoding)}


def decode(code: Any, shelf: Shelf) -> Any:
    """The value that `encode` wrote.

    Args:
        code: What `encode` returned.
        shelf: Has what the keeper took.

    Raises:
        CorruptFileError: An unknown tag, or an array or reference that is not there.
    """
    if isinstance(code, list):
        return [decode(child, shelf) for child in code]
    if not isinstance(code, dict):
        return code
    if "$" not in code:
        return {key: decode(child, shelf) for key, child in code.items()}
    codec = _by_tag().get(code["$"]) if isinstance(code["$"], str) else None
    if codec is None:
        raise CorruptFileError("a value has a tag that kept does not know", found=shown(code["$"]))
    try:
        return codec.decode(code, Decoding(shelf, decode))
    except KeptError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError, RecursionError) as error:
        raise CorruptFileError("a value cannot be read back", found=shown(code)) from error
