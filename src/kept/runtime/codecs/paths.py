"""Paths; one of this system comes back as one of the system it is loaded on."""

from __future__ import annotations

import pathlib
from typing import Any

from .base import Codec, Decoding, Encoding

__all__ = ["CODECS"]

_PURE = {"posix": pathlib.PurePosixPath, "windows": pathlib.PureWindowsPath}
_SYSTEM = type(pathlib.Path())


def _encode(value: pathlib.PurePath, _: Encoding) -> dict[str, Any]:
    pure = next((name for name, kind in _PURE.items() if type(value) is kind), False)
    return {"value": str(value), "pure": pure}


def _decode(code: dict[str, Any], _: Decoding) -> pathlib.PurePath:
    return pathlib.Path(code["value"]) if code["pure"] is False else _PURE[code["pure"]](code["value"])


CODECS = (
    Codec("path", "pathlib.Path and the pure paths", _encode, _decode, (*_PURE.values(), _SYSTEM)),
)  # fmt: skip
