"""Dates, times and time zones."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS"]


def _with_zone(value: Any, encoding: Encoding) -> dict[str, Any]:
    plain = value.replace(tzinfo=None, fold=0)
    return {"value": plain.isoformat(), "fold": value.fold, "zone": encoding.inner(value.tzinfo)}


def _datetime(code: dict[str, Any], decoding: Decoding) -> datetime.datetime:
    plain = datetime.datetime.fromisoformat(code["value"])
    return plain.replace(fold=code["fold"], tzinfo=decoding.inner(code["zone"]))


def _time(code: dict[str, Any], decoding: Decoding) -> datetime.time:
    return datetime.time.fromisoformat(code["value"]).replace(fold=code["fold"], tzinfo=decoding.inner(code["zone"]))


def _timedelta(value: datetime.timedelta, _: Encoding) -> dict[str, Any]:
    return {"value": [value.days, value.seconds, value.microseconds]}


def _timezone(value: datetime.timezone, encoding: Encoding) -> dict[str, Any]:
    name = value.tzname(None)
    unnamed = datetime.timezone(value.utcoffset(None))
    offset = _timedelta(value.utcoffset(None), encoding)["value"]
    return {"value": offset, "name": None if name == unnamed.tzname(None) else name}


def _read_timezone(code: dict[str, Any], _: Decoding) -> datetime.timezone:
    offset = datetime.timedelta(*code["value"])
    if code["name"] is not None:
        return datetime.timezone(offset, code["name"])
    return datetime.timezone(offset) if offset else datetime.timezone.utc  # noqa: UP017  beside its siblings


def _zone(value: zoneinfo.ZoneInfo, _: Encoding) -> dict[str, Any]:
    if not value.key:
        raise NotEncodable(value)
    return {"value": value.key}


CODECS = (
    Codec("datetime", "datetime.datetime", _with_zone, _datetime, (datetime.datetime,)),
    Codec(
        "date", "datetime.date", lambda value, _: {"value": value.isoformat()},
        lambda code, _: datetime.date.fromisoformat(code["value"]), (datetime.date,),
    ),
    Codec("time", "datetime.time", _with_zone, _time, (datetime.time,)),
    Codec(
        "timedelta", "datetime.timedelta", _timedelta,
        lambda code, _: datetime.timedelta(*code["value"]), (datetime.timedelta,),
    ),
    Codec("timezone", "datetime.timezone", _timezone, _read_timezone, (datetime.timezone,)),
    Codec("zone", "zoneinfo.ZoneInfo", _zone, lambda code, _: zoneinfo.ZoneInfo(code["value"]), (zoneinfo.ZoneInfo,)),
)  # fmt: skip
