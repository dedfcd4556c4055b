"""Numbers that JSON does not have."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .base import Codec

__all__ = ["CODECS"]


def _part(value: float) -> Any:
    return value if math.isfinite(value) else repr(value)


CODECS = (
    Codec("float", "inf, -inf, nan", lambda value, _: {"value": repr(value)}, lambda c, _: float(c["value"]), (float,)),
    Codec(
        "complex", "complex", lambda value, _: {"value": [_part(value.real), _part(value.imag)]},
        lambda code, _: complex(*(float(part) for part in code["value"])), (complex,),
    ),
    Codec(
        "decimal", "decimal.Decimal", lambda value, _: {"value": str(value)},
        lambda code, _: Decimal(str(code["value"])), (Decimal,),
    ),
    Codec(
        "fraction", "fractions.Fraction", lambda value, _: {"value": [value.numerator, value.denominator]},
        lambda code, _: Fraction(*code["value"]), (Fraction,),
    ),
)  # fmt: skip
