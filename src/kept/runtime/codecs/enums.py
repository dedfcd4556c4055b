"""Members of enumerations."""

from __future__ import annotations

import enum
from typing import Any

from .base import Codec, Decoding, Encoding

__all__ = ["CODECS"]


def _is_enumeration(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, enum.Enum)


def _encode(value: enum.Enum, encoding: Encoding) -> dict[str, Any]:
    token = encoding.keeper.refer(type(value))
    if value.name in type(value).__members__:
        return {"class": token, "name": value.name}
    return {"class": token, "value": encoding.inner(value.value)}  # several members of a Flag at once


def _decode(code: dict[str, Any], decoding: Decoding) -> Any:
    kind = decoding.referred(code["class"], _is_enumeration)
    return kind[code["name"]] if "name" in code else kind(decoding.inner(code["value"]))


CODECS = (
    Codec(
        "enum", "enum.Enum, IntEnum, StrEnum, Flag, IntFlag", _encode, _decode,
        accepts=lambda value: isinstance(value, enum.Enum), rank=20,
    ),
)  # fmt: skip
