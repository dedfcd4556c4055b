"""Objects that are their fields: dataclasses, attrs classes, named tuples, namespaces.

They are made again without their `__init__`: so nothing of a class runs, a frozen one can be made, and a field that
`__post_init__` computed is as it was.
"""

from __future__ import annotations

import dataclasses
import types
from typing import Any

from ..capture import CALL
from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS", "attributes_of", "is_made_of_attributes", "is_record"]


def is_record(kind: Any) -> bool:
    """Whether a class is a dataclass or an attrs class, and nothing of Python's own beside."""
    if not isinstance(kind, type) or not (dataclasses.is_dataclass(kind) or hasattr(kind, "__attrs_attrs__")):
        return False
    return is_made_of_attributes(kind)


def is_made_of_attributes(kind: type) -> bool:
    """Whether the instances of a class hold no more than their attributes."""
    return all(base is object or base.__module__ != "builtins" for base in kind.__mro__)


def attributes_of(value: Any) -> dict[str, Any]:
    """The attributes of an instance, those in slots first."""
    found = {}
    for base in reversed(type(value).__mro__):
        slots = vars(base).get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else list(slots):
            stored = _stored_name(base, name)
            if name not in ("__dict__", "__weakref__") and hasattr(value, stored):
                found[stored] = getattr(value, stored)
    found |= getattr(value, "__dict__", {})
    found.pop(CALL, None)
    return found


def _stored_name(base: type, name: str) -> str:
    private = name.startswith("__") and not name.endswith("__")
    return f"_{base.__name__.lstrip('_')}{name}" if private else name


def _record(value: Any, encoding: Encoding) -> dict[str, Any]:
    token = encoding.keeper.refer(type(value))
    return {"class": token, "fields": {name: encoding.inner(one) for name, one in attributes_of(value).items()}}


def _read_record(code: dict[str, Any], decoding: Decoding) -> Any:
    made = object.__new__(decoding.referred(code["class"], is_record))
    for name, one in code["fields"].items():
        object.__setattr__(made, name, decoding.inner(one))
    return made


def _is_named_tuple(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple)


def _named_tuple(value: Any, encoding: Encoding) -> dict[str, Any]:
    if getattr(value, "__dict__", None):
        raise NotEncodable(value)
    return {"class": encoding.keeper.refer(type(value)), "items": [encoding.inner(one) for one in value]}


def _read_named_tuple(code: dict[str, Any], decoding: Decoding) -> Any:
    kind = decoding.referred(code["class"], _is_named_tuple)
    if len(code["items"]) != len(kind._fields):
        raise ValueError(code["items"])
    return tuple.__new__(kind, [decoding.inner(one) for one in code["items"]])


CODECS = (
    Codec(
        "record", "dataclasses, attrs classes", _record, _read_record,
        accepts=lambda value: is_record(type(value)) and not hasattr(type(value), "get_config"), rank=40,
    ),
    Codec(
        "named_tuple", "named tuples", _named_tuple, _read_named_tuple,
        accepts=lambda value: _is_named_tuple(type(value)), rank=40,
    ),
    Codec(
        "namespace", "types.SimpleNamespace",
        lambda value, e: {"items": [[name, e.inner(one)] for name, one in vars(value).items()]},
        lambda code, d: types.SimpleNamespace(**{name: d.inner(one) for name, one in code["items"]}),
        (types.SimpleNamespace,),
    ),
)  # fmt: skip
