"""What differs between two values of a config: nested objects by class, lists by what is in both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..errors import LimitExceededError
from .change import Change, Kind
from .matching import Entry, matched
from .names import is_stock
from .nodes import Form, Node
from .parse import plain
from .paths import entry, step

__all__ = ["OF_LAYERS", "changes", "digest", "origin_changes", "settings_digest", "simple"]

# Numbers that Keras draws anew whenever it saves.
_DRAWN = frozenset({"shared_object_id"})
# Told of elsewhere, or with the layers: names, connections, shapes that follow from those.
OF_LAYERS = frozenset({"class_name", "module", "registered_name", "config", "name", "inbound_nodes", "compile_config"})
# Not every version says these, and none of them changes what an object is.
_UNSAID = frozenset({"module", "registered_name", "build_config", "compile_config", "inbound_nodes"})
# Of an object that holds layers: its own name, the layers, and what says how they are connected.
_OF_MODELS = frozenset({"name", "layers", "input_layers", "output_layers"})
# Lists of at most so many entries, or differing ones, are told of entry by entry.
_LISTED_COUNT = 4


def changes(a: Any, b: Any, path: str = "", *, without: frozenset[str] = frozenset()) -> Iterator[Change]:
    """What differs between two values, in the order of the first.

    Args:
        a: A value of one tree.
        b: That of another.
        path: Of both.
        without: Keys of the outermost mapping that are not looked at.

    Raises:
        LimitExceededError: They are nested deeper than Python can follow.
    """
    try:
        yield from list(_changes(a, b, path, without))
    except RecursionError as error:
        raise LimitExceededError(
            "the config is nested too deep", where=path[:200], found="more than Python follows"
        ) from error


def _changes(a: Any, b: Any, path: str, without: frozenset[str] = frozenset()) -> Iterator[Change]:
    a, b = simple(a), simple(b)
    if isinstance(a, Node) and isinstance(b, Node) and _class(a) == _class(b) and a.form is b.form:
        yield from _in_objects(a, b, path)
    elif isinstance(a, Mapping) and isinstance(b, Mapping):
        yield from _in_mappings(a, b, path, without | _DRAWN)
    elif isinstance(a, tuple) and isinstance(b, tuple):
        yield from _in_lists(a, b, path)
    elif not _same(a, b):
        yield Change(path, Kind.CHANGED, plain(a), plain(b))


def _in_objects(a: Node, b: Node, path: str) -> Iterator[Change]:
    if a.form is Form.OBJECT:
        yield from origin_changes(a, b, path)
        inner_a, inner_b = a.fields.get("config"), b.fields.get("config")
        yield from _changes(inner_a, inner_b, path)
        rest_a, rest_b = ({key: one for key, one in node.fields.items() if key not in OF_LAYERS} for node in (a, b))
        yield from (replace(one, follows=True) for one in _changes(rest_a, rest_b, path))
    elif a.form is Form.FUNCTION:
        yield from origin_changes(a, b, path)
        if a.name != b.name:
            yield Change(path, Kind.CHANGED, plain(a), plain(b))
    elif not _same(a, b):
        yield Change(path, Kind.CHANGED, plain(a), plain(b))


def origin_changes(a: Node, b: Node, path: str) -> Iterator[Change]:
    """Modules and registered names, where both files say them; Keras has moved its own classes about."""
    for key in ("module", "registered_name"):
        one, other = a.text(key), b.text(key)
        if one and other and one != other and not (is_stock(a) and is_stock(b)):
            yield Change(step(path, key), Kind.CHANGED, one, other)


def _in_mappings(a: Mapping[str, Any], b: Mapping[str, Any], path: str, without: frozenset[str]) -> Iterator[Change]:
    for key, value in a.items():
        if key in without:
            continue
        if key in b:
            yield from _changes(value, b[key], step(path, key))
        else:
            yield Change(step(path, key), Kind.REMOVED, plain(value), None)
    for key, value in b.items():
        if key not in a and key not in without:
            yield Change(step(path, key), Kind.ADDED, None, plain(value))


def _in_lists(a: tuple[Any, ...], b: tuple[Any, ...], path: str) -> Iterator[Change]:
    if a and b and all(isinstance(one, Node) and one.form is Form.OBJECT for one in (*a, *b)):
        yield from _in_lists_of_objects(a, b, path)
        return
    apart = [index for index, (one, other) in enumerate(zip(a, b, strict=False)) if not _same(one, other)]
    if len(a) == len(b) and len(apart) <= _LISTED_COUNT < len(a):
        for index in apart:
            yield from _changes(a[index], b[index], entry(path, index))
    elif apart or len(a) != len(b):
        yield Change(path, Kind.CHANGED, plain(a), plain(b))


def _in_lists_of_objects(a: tuple[Node, ...], b: tuple[Node, ...], path: str) -> Iterator[Change]:
    found = matched(*([Entry(node.name, _class(node), settings_digest(node)) for node in nodes] for nodes in (a, b)))
    for one in found:
        at = entry(path, min(one.a, one.b))
        yield from _changes(a[one.a], b[one.b], at)
        if one.moved:
            yield Change(at, Kind.CHANGED, f"place {one.a}", f"place {one.b}")
    taken_a, taken_b = {one.a for one in found}, {one.b for one in found}
    for index, node in enumerate(a):
        if index not in taken_a:
            yield Change(entry(path, index), Kind.REMOVED, plain(node), None)
    for index, node in enumerate(b):
        if index not in taken_b:
            yield Change(entry(path, index), Kind.ADDED, None, plain(node))


def _class(node: Node) -> str:
    return node.class_name.rpartition(">")[2]


def simple(value: Any) -> Any:
    """A value without the clothes that some versions of Keras put around it."""
    if isinstance(value, Node):
        if value.class_name == "DTypePolicy" and value.config.keys() == {"name"}:
            return value.config["name"]
        if value.class_name == "__tuple__" and isinstance(value.fields.get("items"), tuple):
            return value.fields["items"]
    return value


def _same(a: Any, b: Any) -> bool:
    """Whether two values are equal, true and 1 being two, and NaN being itself."""
    if type(a) is type(b) and isinstance(a, (str, int)):
        return bool(a == b)
    return digest(a) == digest(b)


def digest(value: Any) -> str:
    """A short text that equal values have in common."""
    text = json.dumps(_bare(value), sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def settings_digest(node: Node) -> str:
    """The digest of what an object was made with, its own name and the layers that it lists left out."""
    config = node.fields.get("config")
    if isinstance(config, Mapping):
        config = {key: value for key, value in config.items() if key not in _OF_MODELS}
    return digest(config)


def _bare(value: Any) -> Any:
    value = simple(value)
    if isinstance(value, Node):
        kept = {key: one for key, one in value.fields.items() if key not in _UNSAID}
        value = {**kept, "class_name": _class(value)} if value.form is not Form.LITERAL else kept
    if isinstance(value, Mapping):
        return {str(key): _bare(one) for key, one in value.items() if key not in _DRAWN}
    if isinstance(value, tuple):
        return [_bare(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
