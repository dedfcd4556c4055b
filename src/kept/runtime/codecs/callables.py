"""Classes and functions of the user, bound methods, partials."""

from __future__ import annotations

import functools
import types
from typing import Any

from ...errors import CorruptFileError, shown
from ..keras_seams import is_keras_own
from ..source_origins import is_local
from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS"]


def _is_reference(value: Any) -> bool:
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return True
    if isinstance(value, type):
        return True
    return callable(value) and any(hasattr(value, name) for name in ("python_function", "__wrapped__"))


def _is_users(found: Any) -> bool:
    return callable(found) and not is_keras_own(found)


def _is_own_method(kind: type, name: str) -> bool:
    """Whether a method was written by the user: those of Keras also read and write files."""
    if name.startswith("__") and name != "__call__":
        return False
    found = getattr(kind, name, None)
    found = getattr(found, "__func__", found)
    return isinstance(found, types.FunctionType) and is_local(found)


def _method(value: types.MethodType, encoding: Encoding) -> dict[str, Any]:
    owner, name = value.__self__, getattr(value.__func__, "__name__", "")
    kind = owner if isinstance(owner, type) else type(owner)
    if not _is_own_method(kind, name) or getattr(owner, name) != value:
        raise NotEncodable(value)
    return {"of": encoding.inner(owner), "name": name}


def _read_method(code: dict[str, Any], decoding: Decoding) -> Any:
    owner, name = decoding.inner(code["of"]), code["name"]
    kind = owner if isinstance(owner, type) else type(owner)
    if not _is_own_method(kind, name):
        raise CorruptFileError("a value names a method that is not the user's own", found=shown(name))
    return getattr(owner, name)


def _partial(value: Any, encoding: Encoding) -> dict[str, Any]:
    code = {name: encoding.inner(getattr(value, name)) for name in ("func", "args", "keywords")}
    return {**code, "set": {name: encoding.inner(one) for name, one in vars(value).items()}}


def _read_partial(code: dict[str, Any], decoding: Decoding) -> Any:
    parts = [decoding.inner(code[name]) for name in ("func", "args", "keywords")]
    made = functools.partial(parts[0], *parts[1], **parts[2])
    vars(made).update({name: decoding.inner(one) for name, one in code["set"].items()})
    return made


CODECS = (
    Codec("partial", "functools.partial", _partial, _read_partial, (functools.partial,)),
    Codec("method", "bound methods of the user's classes", _method, _read_method, (types.MethodType,)),
    Codec(
        "reference", "classes and functions by import path or embedded source",
        lambda value, e: {"value": e.keeper.refer(value)}, lambda code, d: d.referred(code["value"], _is_users),
        accepts=_is_reference, rank=60,
    ),
)  # fmt: skip
