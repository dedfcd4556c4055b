"""Protocol buffers without their library: messages as dataclasses that say which field is which.

Only what a dataclass asks for is decoded; everything else is stepped over. What a document costs in all is capped, and
it has one reading only: a field that stands twice where one is allowed is refused, where other readers would merge.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from ...errors import CorruptFileError, LimitExceededError
from ...limits import Limits
from ..places import Place

__all__ = ["Reader", "fixed32", "integer", "mapping", "message", "messages", "raw", "text", "texts", "truth"]

_VARINT, _LENGTH, _FIXED32 = 0, 2, 5
_FIXED = {1: 8, _FIXED32: 4}  # bytes of each
_VARINT_NBYTES = 10
_KEY, _VALUE = 1, 2  # of an entry of a map

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field is decoded; `many` is the type that holds it where it may stand more than once."""

    wire: int
    decode: Callable[[Reader, Any], Any]
    many: type[list[Any]] | type[dict[str, Any]] | None = None


def _field(number: int, field: _Field, default: object) -> Any:
    metadata = {"number": number, "field": field}
    if default is dict:
        return dataclasses.field(default_factory=dict, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def integer(number: int) -> Any:
    """A signed integer of up to 64 bits, or an enum; 0 where it is missing."""
    return _field(number, _Field(_VARINT, _signed), 0)


def truth(number: int) -> Any:
    """A bool."""
    return _field(number, _Field(_VARINT, lambda _, value: bool(value)), False)


def fixed32(number: int) -> Any:
    """An unsigned integer of 32 bits."""
    return _field(number, _Field(_FIXED32, lambda _, value: value), 0)


def text(number: int) -> Any:
    """A text."""
    return _field(number, _Field(_LENGTH, lambda reader, view: reader.text(view)), "")


def texts(number: int) -> Any:
    """Any number of texts."""
    return _field(number, _Field(_LENGTH, lambda reader, view: reader.text(view), list), ())


def raw(number: int) -> Any:
    """Bytes, or a message that is read later: a view of the document; None where it is missing."""
    return _field(number, _Field(_LENGTH, lambda _, view: view), None)


def message(number: int, kind: type[Any]) -> Any:
    """A message; None where it is missing."""
    return _field(number, _Field(_LENGTH, lambda reader, view: reader.read(kind, view)), None)


def messages(number: int, kind: type[Any]) -> Any:
    """Any number of messages."""
    return _field(number, _Field(_LENGTH, lambda reader, view: reader.read(kind, view), list), ())


def mapping(number: int, kind: type[Any]) -> Any:
    """A dict of messages by text."""
    return _field(number, _Field(_LENGTH, lambda reader, view: reader.entry(kind, view), dict), dict)


@cache
def _plan(kind: type[Any]) -> dict[int, tuple[str, _Field]]:
    return {one.metadata["number"]: (one.name, one.metadata["field"]) for one in dataclasses.fields(kind)}


def _signed(reader: Reader, value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


class Reader:
    """Reads the messages of one document.

    Args:
        path: The file, for errors.
        limits: The caps on what the document costs.
        where: The place of the document in the file, for errors.
    """

    def __init__(self, path: Place, limits: Limits, where: str = "") -> None:
        self.path, self.where = path, where
        self._field_count, self._message_count = limits.protobuf_field_count, limits.protobuf_message_count
        self._limits = limits

    def read(self, kind: type[T], view: memoryview) -> T:
        """One message.

        Args:
            kind: A dataclass whose fields were made by the functions of this module.
            view: The bytes.

        Raises:
            CorruptFileError: They are no such message.
            LimitExceededError: The document has more fields or messages than the limits allow.
        """
        self._message_count -= 1
        if self._message_count < 0:
            raise self._too_many("messages", self._limits.protobuf_message_count)
        plan: dict[int, tuple[str, _Field]] = _plan(kind)  # type: ignore[arg-type]
        found: dict[str, Any] = {}
        for number, wire, value in self.fields(view, plan):
            name, field = plan[number]
            if wire != field.wire:
                raise self.corrupt("a field has another type", found=f"{kind.__name__}.{name}")
            one = field.decode(self, value)
            if field.many is list:
                found.setdefault(name, []).append(one)
            elif field.many is dict:
                self._put(found.setdefault(name, {}), *one)
            else:
                self._put(found, name, one)
        return kind(**found)

    def fields(self, view: memoryview, wanted: Container[int]) -> Iterator[tuple[int, int, Any]]:
        """The wanted fields of a message, all others stepped over.

        Yields:
            Number, type on the wire, and an unsigned integer or a view of bytes.
        """
        at, end, used, left = 0, len(view), 0, self._field_count
        while at < end:
            used += 1
            if used > left:
                raise self._too_many("fields", self._limits.protobuf_field_count)
            key = view[at]
            key, at = (key, at + 1) if key < 0x80 else self.varint(view, at)
            wire = key & 7
            if key < 8:
                raise self.corrupt("a field without a number")
            if wire in (_LENGTH, _VARINT):
                value = view[at] if at < end else 0x80
                value, at = (value, at + 1) if value < 0x80 else self.varint(view, at)
                length = value if wire == _LENGTH else 0
            elif wire in _FIXED:
                length = value = _FIXED[wire]
            else:
                raise self.corrupt("a field of no known type", found=f"type {wire}")
            at += length
            if at > end:
                raise self.corrupt("is cut or damaged", expected=f"{length} bytes", found=f"{length - at + end}")
            if key >> 3 in wanted:
                part = view[at - length : at]
                yield key >> 3, wire, part if wire == _LENGTH else int.from_bytes(part, "little") if length else value
        self._field_count -= used

    def varint(self, view: memoryview, at: int) -> tuple[int, int]:
        """The unsigned integer at a place, and the place after it."""
        value = shift = 0
        for byte in view[at : at + _VARINT_NBYTES]:
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> 64:
                    break
                return value, at
            shift += 7
        raise self.corrupt("is cut or damaged", expected="an integer of at most 64 bits")

    def text(self, view: memoryview) -> str:
        """A text in UTF-8."""
        try:
            return str(view, "utf-8")
        except UnicodeDecodeError as error:
            raise self.corrupt(f"a text is not UTF-8 at byte {error.start}") from error

    def entry(self, kind: type[T], view: memoryview) -> tuple[str, T]:
        """Key and value of an entry of a map."""
        found: dict[int, Any] = {}
        for number, wire, value in self.fields(view, (_KEY, _VALUE)):
            if wire != _LENGTH:
                raise self.corrupt("a field has another type", found="an entry of a map")
            self._put(found, number, self.text(value) if number == _KEY else self.read(kind, value))
        return found.get(_KEY, ""), found[_VALUE] if _VALUE in found else self.read(kind, view[:0])

    def corrupt(self, message: str, expected: str = "", found: str = "") -> CorruptFileError:
        """The error that says so of this document."""
        return CorruptFileError(message, path=self.path, where=self.where, expected=expected, found=found)

    def _put(self, held: dict[Any, Any], key: Any, value: Any) -> None:
        if key in held:
            raise self.corrupt("a field stands twice", found=str(key))
        held[key] = value

    def _too_many(self, what: str, most: int) -> LimitExceededError:
        return LimitExceededError(f"too many {what}", path=self.path, where=self.where, expected=f"at most {most}")
