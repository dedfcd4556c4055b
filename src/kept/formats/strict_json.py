"""JSON as a model file may hold it: one reading only, and never more work than the limits allow."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn

from ..errors import CorruptFileError, ExpansionError, LimitExceededError, SerializationError, shown
from ..limits import Limits
from .places import Place

__all__ = ["dump", "parse"]

_TEXT = re.compile(rb'"[^"]*+"?')
# So many values are let through whatever they are stored in; each costs its reader 50 to 200 bytes.
_FREE_VALUE_COUNT = 100_000
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _STEPS)


def dump(value: dict[str, Any], where: str) -> bytes:
    """`value` as JSON in UTF-8.

    Raises:
        SerializationError: It holds something that JSON has no form for.
    """
    try:
        return json.dumps(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise SerializationError("JSON cannot hold it", where=where, found=str(error)) from error


def parse(
    data: bytes, *, path: Place, where: str, limits: Limits, finite: bool = True, stored: int | None = None
) -> dict[str, Any]:
    """The object that `data` holds.

    Args:
        data: The document.
        path: The file, for errors.
        where: The member, for errors.
        limits: The caps on size and depth.
        finite: Whether NaN and Infinity, which JSON lacks and Python writes, are refused.
        stored: How many bytes it takes in the file, where it is compressed.

    Raises:
        CorruptFileError: It is not one JSON object in UTF-8 with distinct keys.
        LimitExceededError: It is too large or too deep.
    """
    _refuse_cost(data, path, where, limits, stored)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice = next(name for name, count in counts.items() if count > 1)
            raise CorruptFileError(f"the key {shown(twice)} stands twice in one JSON object", path=path, where=where)
        return found

    def constant(name: str) -> NoReturn:
        raise CorruptFileError(f"{name} is not JSON", path=path, where=where, expected="finite numbers")

    def number(text: str) -> float:
        found = float(text)
        return found if math.isfinite(found) else constant(text)

    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=unique,
            parse_constant=constant if finite else None,
            parse_float=number if finite else None,
        )
    except UnicodeDecodeError as error:
        raise CorruptFileError(f"not UTF-8 at byte {error.start}", path=path, where=where) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise CorruptFileError(f"not JSON at {place}: {error.msg}", path=path, where=where) from error
    except ValueError as error:
        if isinstance(error, CorruptFileError):
            raise
        raise CorruptFileError(f"not JSON: {error}", path=path, where=where) from error
    except RecursionError as error:
        raise _limit("JSON document is nested too deep", "more", "Python's recursion limit", path, where) from error
    if not isinstance(value, dict):
        raise CorruptFileError("not a JSON object", path=path, where=where, found=f"a {type(value).__name__}")
    return value


def _refuse_cost(data: bytes, path: Place, where: str, limits: Limits, stored: int | None) -> None:
    if len(data) > limits.json_bytes:
        raise _limit("JSON document is too large", f"{len(data)} bytes", f"{limits.json_bytes} bytes", path, where)
    count = data.count(b",") + data.count(b"[") + data.count(b"{")
    most = min(limits.json_value_count, _FREE_VALUE_COUNT + (len(data) if stored is None else stored))
    if count > most:
        expected, found = f"at most {most}", f"about {count}"
        message = "JSON document holds too many values"
        raise ExpansionError(message, path=path, where=where, expected=expected, found=found)
    depth = _depth(data, limits.json_depth)
    if depth > limits.json_depth:
        raise _limit("JSON document is nested too deep", "more", f"{limits.json_depth} levels", path, where)


def _depth(data: bytes, enough: int) -> int:
    if data.count(b"[") + data.count(b"{") <= enough:
        return 0
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _TEXT.sub(b"", unescaped).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _limit(message: str, found: str, expected: str, path: Place, where: str) -> LimitExceededError:
    return LimitExceededError(message, path=path, where=where, expected=f"at most {expected}", found=found)
