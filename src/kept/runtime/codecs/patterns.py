"""Regular expressions."""

from __future__ import annotations

import re
from typing import Any

from .base import Codec, Decoding

__all__ = ["CODECS"]


def _decode(code: dict[str, Any], decoding: Decoding) -> re.Pattern[Any]:
    try:
        return re.compile(decoding.inner(code["value"]), code["flags"])
    except re.error as error:
        raise ValueError from error


CODECS = (
    Codec(
        "pattern", "re.Pattern", lambda value, e: {"value": e.inner(value.pattern), "flags": value.flags},
        _decode, (re.Pattern,),
    ),
)  # fmt: skip
