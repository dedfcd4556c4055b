"""Bytes."""

from __future__ import annotations

import base64
from typing import Any

from .base import Codec, Encoding

__all__ = ["CODECS"]


def _encode(value: Any, _: Encoding) -> dict[str, Any]:
    return {"base64": base64.b64encode(value).decode()}


def _decode(code: dict[str, Any]) -> bytes:
    return base64.b64decode(code["base64"], validate=True)


CODECS = (
    Codec("bytes", "bytes", _encode, lambda code, _: _decode(code), (bytes,)),
    Codec("bytearray", "bytearray", _encode, lambda code, _: bytearray(_decode(code)), (bytearray,)),
)
