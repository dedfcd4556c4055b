"""Containers other than a list and a dict with texts for keys."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import Any

from .base import Codec, Decoding, Encoding

__all__ = ["CODECS"]


def _items(value: Iterable[Any], encoding: Encoding) -> dict[str, Any]:
    return {"items": [encoding.inner(child) for child in value]}


def _label(member: Any) -> tuple[str, str]:
    """What orders members of a set alike in every process."""
    name = getattr(member, "__qualname__", None)
    return type(member).__qualname__, f"{getattr(member, '__module__', '')}.{name}" if name else repr(member)


def _unordered(value: Any, encoding: Encoding) -> dict[str, Any]:
    return {"items": sorted((encoding.inner(child) for child in sorted(value, key=_label)), key=repr)}


def _pairs(value: Any, encoding: Encoding) -> dict[str, Any]:
    return {"items": [[encoding.inner(key), encoding.inner(child)] for key, child in value.items()]}


def _read_items(code: dict[str, Any], decoding: Decoding) -> list[Any]:
    return [decoding.inner(child) for child in code["items"]]


def _read_pairs(code: dict[str, Any], decoding: Decoding) -> dict[Any, Any]:
    return {decoding.inner(key): decoding.inner(child) for key, child in code["items"]}


CODECS = (
    Codec("tuple", "tuple", _items, lambda code, d: tuple(_read_items(code, d)), (tuple,)),
    Codec("dict", "dict with keys of any type", _pairs, _read_pairs, (dict,)),
    Codec("set", "set", _unordered, lambda code, d: set(_read_items(code, d)), (set,)),
    Codec("frozenset", "frozenset", _unordered, lambda code, d: frozenset(_read_items(code, d)), (frozenset,)),
    Codec(
        "ordered_dict", "collections.OrderedDict",
        _pairs, lambda code, d: collections.OrderedDict(_read_pairs(code, d)), (collections.OrderedDict,),
    ),
    Codec(
        "counter", "collections.Counter",
        _pairs, lambda code, d: collections.Counter(_read_pairs(code, d)), (collections.Counter,),
    ),
    Codec(
        "defaultdict", "collections.defaultdict",
        lambda value, e: {"factory": e.inner(value.default_factory), **_pairs(value, e)},
        lambda code, d: collections.defaultdict(d.inner(code["factory"]), _read_pairs(code, d)),
        (collections.defaultdict,),
    ),
    Codec(
        "deque", "collections.deque",
        lambda value, e: {"length": value.maxlen, **_items(value, e)},
        lambda code, d: collections.deque(_read_items(code, d), code["length"]), (collections.deque,),
    ),
)  # fmt: skip
