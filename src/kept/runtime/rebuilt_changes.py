"""Where a rebuilt object differs from the live one: attributes, flags, parts and variables; values aside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import keras

from ..errors import shown
from ..examination import Change, ChangeKind
from .snapshot import ObjectView, take
from .walk import Place, is_variable, walk

__all__ = ["as_lists", "changes", "is_below", "shown_path"]

_COMPILED = ("optimizer", "loss", "_compile_loss", "_compile_metrics", "_loss_tracker")
_NOT_COMPARED = frozenset({"name", "compiled", "run_eagerly", "jit_compile", "steps_per_execution", "built"})
_OF_KERAS = frozenset({"stop_training", "stop_predicting", "stop_evaluating", "output_names", "input_names"})


def changes(live: Any, rebuilt: Any, path: str) -> list[Change]:
    """Every difference at or below an object path, the uppermost of each kind.

    Args:
        live: The object of the live model.
        rebuilt: What was built from its config.
        path: Its object path.
    """
    before, after = _relevant(live, path), _relevant(rebuilt, path)
    found = [*_missing(before, after), *_objects(live, before, rebuilt, after), *_variables(before, after)]
    return _uppermost(found)


def is_below(path: str, parent: str) -> bool:
    """Whether an object path lies inside that of another object."""
    return path.startswith(parent) and path[len(parent) : len(parent) + 1] in (".", "[", "{")


def shown_path(path: str) -> str:
    """An object path as a reader would write it: Keras keeps a kernel under another name."""
    return re.sub(r"\._kernel$", ".kernel", path)


def _plainly(encoded: Any) -> str:
    """An encoded value as a reader would write it."""
    return shown(_plain(encoded))


class _Word(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    tag = value.get("$")
    if tag is None:
        return {key: _plain(one) for key, one in value.items()}
    if tag == "tuple":
        return tuple(_plain(one) for one in value["items"])
    if tag == "dict":
        return _Word("{" + ", ".join(f"{_plain(k)!r}: {_plain(v)!r}" for k, v in value["items"]) + "}")
    if tag in ("set", "frozenset"):
        return _Word("{" + ", ".join(repr(_plain(one)) for one in value["items"]) + "}")
    if tag in ("array", "scalar"):
        return _Word("array " + str(value["value"]).partition("crc32")[0])
    return _Word(f"a {tag}")


def _relevant(root: Any, path: str) -> dict[str, Place]:
    skipped = tuple(f"{path}.{name}" for name in _COMPILED) if isinstance(root, keras.Model) else ()
    places = walk(root, path)
    return {
        place.path: place
        for place in places
        if not any(place.path == one or is_below(place.path, one) for one in skipped)
    }


def _missing(before: Mapping[str, Place], after: Mapping[str, Place]) -> Iterator[Change]:
    optimizers = [path for path, place in before.items() if isinstance(place.value, keras.optimizers.Optimizer)]
    for path, place in before.items():
        if path in after or any(is_below(path, one) for one in optimizers):
            continue
        if is_variable(place.value):
            yield Change(shown_path(path), "unbuilt")
        elif isinstance(place.value, keras.layers.Layer):
            yield Change(path, "missing", "", type(place.value).__name__, "nothing")


def _objects(live: Any, before: Mapping[str, Place], rebuilt: Any, after: Mapping[str, Place]) -> Iterator[Change]:
    one = take(live, [place for place in before.values() if not is_variable(place.value)])
    other = take(rebuilt, [place for place in after.values() if not is_variable(place.value)])
    for path, view in one.objects.items():
        if path not in other.objects:
            continue
        if other.objects[path].kind != view.kind:
            yield Change(path, "class", "", view.kind.partition("#")[0], other.objects[path].kind.partition("#")[0])
        else:
            yield from _members(path, view, other.objects[path])
    for path, identity in one.functions.items():
        if other.functions.get(path, identity) != identity:
            yield Change(path, "function", "", identity.partition("#")[0], other.functions[path].partition("#")[0])


def _members(path: str, view: ObjectView, other: ObjectView) -> Iterator[Change]:
    for name, flag in view.flags.items():
        if name not in _NOT_COMPARED and other.flags.get(name) != flag:
            yield Change(path, "flag", name, shown(flag), shown(other.flags.get(name)))
    for name, value in view.attributes.items():
        if name in _COMPILED or name in _OF_KERAS or not name.isidentifier():
            continue
        again = other.attributes.get(name)
        if as_lists(again) != as_lists(value):
            absent = name not in other.attributes
            yield Change(path, _kind(value), name, _plainly(value), "nothing" if absent else _plainly(again))


def as_lists(encoded: Any) -> Any:
    """An encoded value with lists for its tuples, as JSON leaves them: nearly no code tells the two apart."""
    if isinstance(encoded, dict):
        if encoded.get("$") == "tuple":
            return [as_lists(one) for one in encoded["items"]]
        return {key: as_lists(one) for key, one in encoded.items()}
    return [as_lists(one) for one in encoded] if isinstance(encoded, list) else encoded


def _kind(encoded: Any) -> ChangeKind:
    return "array" if '"$": "array"' in json.dumps(encoded) else "attribute"


def _variables(before: Mapping[str, Place], after: Mapping[str, Place]) -> Iterator[Change]:
    for path, place in before.items():
        other = after.get(path)
        if other is None or not is_variable(place.value) or not is_variable(other.value):
            continue
        one, two = _described(place.value), _described(other.value)
        if one[0] != two[0]:
            yield Change(shown_path(path), "variable", "", one[0], two[0])
        for name, first, second in zip(("trainable", "regularizer", "constraint"), one[1:], two[1:], strict=True):
            if first != second:
                kind: ChangeKind = "flag" if name == "trainable" else "setting"
                yield Change(shown_path(path), kind, name, str(first), str(second), 1)


def _described(variable: Any) -> tuple[str, bool, str, str]:
    kinds = [getattr(variable, name, None) for name in ("regularizer", "constraint")]
    regularizer, constraint = ("nothing" if one is None else type(one).__name__ for one in kinds)
    shape = f"{keras.backend.standardize_dtype(variable.dtype)}{[int(n) for n in variable.shape]}"
    return shape, bool(getattr(variable, "trainable", True)), regularizer, constraint


def _uppermost(found: list[Change]) -> list[Change]:
    """Without what only follows from the same difference further up."""
    kept = []
    for one in found:
        same = [other for other in found if (other.kind, other.name) == (one.kind, one.name)]
        if one.kind not in ("missing", "flag") or not any(is_below(one.path, other.path) for other in same):
            below = [other for other in same if is_below(other.path, one.path) and other.before in ("True", "False")]
            kept.append(replace(one, variable_count=sum(other.variable_count for other in below) or one.variable_count))
    return kept
