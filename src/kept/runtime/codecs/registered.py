"""Types whose codec the user wrote: registered with `kept.register_codec`, or as two methods of the class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import SerializationError, shown
from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS", "PREFIX", "Registered", "register", "registered"]

PREFIX = "codec:"


@dataclass(frozen=True, slots=True)
class Registered:
    """A codec of the user.

    Attributes:
        name: By which a file asks for it.
        kind: Class whose instances it writes, subclasses not included.
        encode: Value -> what other codecs can write.
        decode: What `encode` returned -> value.
    """

    name: str
    kind: type
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


_BY_NAME: dict[str, Registered] = {}
_BY_KIND: dict[type, Registered] = {}


def register(kind: type, encode: Callable[[Any], Any], decode: Callable[[Any], Any], name: str | None = None) -> None:
    """See `kept.register_codec`."""
    given: Any = (kind, encode, decode)
    if not isinstance(given[0], type) or not callable(given[1]) or not callable(given[2]):
        raise SerializationError(
            "a codec needs a class and two functions", expected="register_codec(kind, encode=..., decode=...)",
            found=shown(kind),
        )  # fmt: skip
    new = Registered(name or f"{kind.__module__}.{kind.__qualname__}", kind, encode, decode)
    known = _BY_NAME.get(new.name)
    if known is not None and (known.kind.__module__, known.kind.__qualname__) != (kind.__module__, kind.__qualname__):
        raise SerializationError(
            f"a codec named {new.name!r} is registered already", expected=f"one for {known.kind.__qualname__}",
            found=shown(kind), hint="give it another name",
        )  # fmt: skip
    _BY_NAME[new.name] = _BY_KIND[kind] = new


def registered(name: str) -> Registered | None:
    """The codec registered in this process under a name, if any."""
    return _BY_NAME.get(name)


def _encode(value: Any, encoding: Encoding) -> dict[str, Any]:
    codec = _BY_KIND[type(value)]
    token = encoding.keeper.refer(codec.decode, f"{PREFIX}{codec.name}")
    return {"name": codec.name, "decode": token, "value": encoding.inner(codec.encode(value))}


def _decode(code: dict[str, Any], decoding: Decoding) -> Any:
    return decoding.made_by(decoding.referred(code["decode"]), decoding.inner(code["value"]))


def _has_methods(kind: Any) -> bool:
    return isinstance(kind, type) and callable(getattr(kind, "__kept_decode__", None))


def _own(value: Any, encoding: Encoding) -> dict[str, Any]:
    plain = value.__kept_encode__()
    if plain is value or not _has_methods(type(value)):
        raise NotEncodable(value)
    return {"class": encoding.keeper.refer(type(value)), "value": encoding.inner(plain)}


def _read_own(code: dict[str, Any], decoding: Decoding) -> Any:
    kind = decoding.referred(code["class"], _has_methods)
    return decoding.made_by(kind.__kept_decode__, decoding.inner(code["value"]))


CODECS = (
    Codec(
        "registered", "types registered with `kept.register_codec`", _encode, _decode,
        accepts=lambda value: type(value) in _BY_KIND, rank=0,
    ),
    Codec(
        "own", "classes with `__kept_encode__` and `__kept_decode__`", _own, _read_own,
        accepts=lambda value: hasattr(type(value), "__kept_encode__"), rank=1,
    ),
)  # fmt: skip
