"""Types whose codec the user wrote: registered with `kept.register_codec`, or as two methods of the class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import SerializationError, shown
from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS", "ENCODING", "PREFIX", "Registered", "is_encoded_by_its_user", "part_named", "register"]

PREFIX = "codec:"
ENCODING = " encode"


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


def part_named(name: str) -> Any:
    """The function of a codec registered in this process that a file asks for by a name with `PREFIX`, if any."""
    codec = _BY_NAME.get(name.removeprefix(PREFIX).removesuffix(ENCODING))
    if codec is None or not name.startswith(PREFIX):
        return None
    return codec.encode if name.endswith(ENCODING) else codec.decode


def is_encoded_by_its_user(value: Any) -> bool:
    """Whether what is written of a value is up to code of the user."""
    return type(value) in _BY_KIND or hasattr(type(value), "__kept_encode__")


def _encode(value: Any, encoding: Encoding) -> dict[str, Any]:
    codec = _BY_KIND[type(value)]
    name = f"{PREFIX}{codec.name}"
    return {
        "name": codec.name,
        "decode": _function(codec.decode, name, encoding),
        "encode": _function(codec.encode, name + ENCODING, encoding),
        "value": encoding.inner(codec.encode(value)),
    }


def _function(function: Any, name: str, encoding: Encoding) -> Any:
    from .known import is_known  # which imports Keras: a codec may be registered before the backend is chosen

    return encoding.inner(function) if is_known(function) else encoding.keeper.refer(function, name)


def _decode(code: dict[str, Any], decoding: Decoding) -> Any:
    decode, encode = (
        decoding.referred(one) if isinstance(one, str) else decoding.inner(one)
        for one in (code["decode"], code["encode"])
    )
    made = decoding.made_by(decode, decoding.inner(code["value"]))
    if code["name"] not in _BY_NAME and type(made) not in _BY_KIND:
        register(type(made), encode, decode, code["name"])  # so that the loaded model can be saved again
    return made


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
