"""UUIDs."""

from __future__ import annotations

import uuid

from .base import Codec

__all__ = ["CODECS"]

CODECS = (
    Codec("uuid", "uuid.UUID", lambda value, _: {"value": value.hex}, lambda c, _: uuid.UUID(c["value"]), (uuid.UUID,)),
)  # fmt: skip
