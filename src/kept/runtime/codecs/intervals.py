"""What selects items: range, slice, Ellipsis."""

from __future__ import annotations

from typing import Any

from .base import Codec, Decoding, Encoding

__all__ = ["CODECS"]


def _slice(value: slice, encoding: Encoding) -> dict[str, Any]:
    return {"items": [encoding.inner(one) for one in (value.start, value.stop, value.step)]}


def _read_slice(code: dict[str, Any], decoding: Decoding) -> slice:
    start, stop, step = (decoding.inner(one) for one in code["items"])
    return slice(start, stop, step)


CODECS = (
    Codec(
        "range", "range", lambda value, _: {"value": [value.start, value.stop, value.step]},
        lambda code, _: range(*code["value"]), (range,),
    ),
    Codec("slice", "slice", _slice, _read_slice, (slice,)),
    Codec("ellipsis", "Ellipsis", lambda value, _: {}, lambda code, _: ..., (type(...),)),
)  # fmt: skip
