"""Objects of the user's plain classes, made again by their constructor from attributes of the same name.

Only where that gives the same attributes: whatever else the constructor took cannot be known.
"""

from __future__ import annotations

import inspect
from typing import Any

from ..capture import CALL
from ..source_origins import is_local
from .base import Codec, Decoding, Digests, Encoding, NotEncodable
from .records import attributes_of, is_made_of_attributes

__all__ = ["CODECS"]

_MISSING = inspect.Parameter.empty
_VARIADIC = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
_BASES = ("abc", "typing", "collections.abc")


def _is_plain(kind: Any) -> bool:
    if not isinstance(kind, type) or not is_local(kind) or hasattr(kind, "get_config"):
        return False
    return is_made_of_attributes(kind) and all(
        base is object or base.__module__ in _BASES or is_local(base) for base in kind.__mro__
    )


def _arguments(value: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the constructor: noted, or as far as attributes tell them, without those at their default."""
    noted = getattr(value, "__dict__", {}).get(CALL)
    if noted is not None:
        return list(noted[0]), dict(noted[1])
    has = attributes_of(value)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    if type(value).__init__ is object.__init__:
        return args, kwargs
    for name, parameter in list(inspect.signature(type(value).__init__).parameters.items())[1:]:
        found: Any = next((has[one] for one in (name, f"_{name}") if one in has), _MISSING)
        if found is _MISSING:
            if parameter.default is _MISSING and parameter.kind not in _VARIADIC:
                raise NotEncodable(value)
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            args.append(found)
        elif parameter.kind is parameter.VAR_POSITIONAL:
            args += list(found)
        elif parameter.kind is parameter.VAR_KEYWORD:
            kwargs |= dict(found)
        else:
            kwargs[name] = found
    return args, kwargs


def _encode(value: Any, encoding: Encoding) -> dict[str, Any]:
    if isinstance(encoding.keeper, Digests):
        raise NotEncodable(value)  # the walk enters it
    try:
        args, kwargs = _arguments(value)
        again = type(value)(*args, **kwargs)
    except Exception as error:  # the user's constructor: whatever it raises, this is not how to call it
        raise NotEncodable(value) from error
    if not _same(attributes_of(value), attributes_of(again)):
        raise NotEncodable(value)
    token = encoding.keeper.refer(type(value))
    return {"class": token, "args": encoding.inner(args), "kwargs": [[k, encoding.inner(v)] for k, v in kwargs.items()]}


def _same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return before.keys() == after.keys() and all(_alike(one, after[name]) for name, one in before.items())


def _alike(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if _is_plain(type(one)) and "__eq__" not in vars(type(one)):
        return _same(attributes_of(one), attributes_of(other))
    from . import encode

    try:
        return bool(encode(one, _BY_IDENTITY) == encode(other, _BY_IDENTITY))
    except NotEncodable:
        return False


def _decode(code: dict[str, Any], decoding: Decoding) -> Any:
    kind = decoding.referred(code["class"], _is_plain)
    args = decoding.inner(code["args"])
    return decoding.made_by(kind, *args, **{name: decoding.inner(one) for name, one in code["kwargs"]})


_BY_IDENTITY = Digests(lambda obj: str(id(obj)))
CODECS = (
    Codec(
        "instance", "objects of the user's plain classes", _encode, _decode,
        accepts=lambda value: _is_plain(type(value)), rank=90,
    ),
)  # fmt: skip
