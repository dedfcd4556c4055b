"""Two snapshots of what should be one model: every difference, and which of them extra state can mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..errors import Problem, shown
from .snapshot import ObjectView, Snapshot, VariableView

__all__ = ["Difference", "Kind", "config_differences", "differences"]


class Kind(str, Enum):
    """What differs."""

    OBJECT = "object"
    CLASS = "class"
    FLAG = "flag"
    ATTRIBUTE = "attribute"
    VARIABLE = "variable"
    VALUE = "value"
    FUNCTION = "function"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between the model that was saved and the one that came back.

    Attributes:
        kind: What differs.
        path: Object path, or path in the config for `Kind.CONFIG`.
        name: Attribute or flag; empty for other kinds.
        before: As it was saved.
        after: As it came back.
    """

    kind: Kind
    path: str
    name: str
    before: Any
    after: Any

    def problem(self) -> Problem:
        """The difference as an error shows it."""
        message, hint = _SENTENCES[self.kind]
        place = f"{self.path}.{self.name}" if self.name.isidentifier() else self.path
        named = message.format(name=self.name.strip("<>") or "it")
        return Problem(named, place, expected=shown(self.before), found=shown(self.after), hint=hint)


_SENTENCES = {
    Kind.OBJECT: ("not there after loading", "return it from get_config, or build it in __init__"),
    Kind.CLASS: ("comes back as another class", "give the two classes different names, or register them"),
    Kind.FLAG: ("{name} differs after loading", ""),
    Kind.ATTRIBUTE: ("{name} differs after loading", "return it from get_config and accept it in __init__"),
    Kind.VARIABLE: ("the variable does not come back", "create it with add_weight in build or __init__"),
    Kind.VALUE: ("the variable comes back with other values", ""),
    Kind.FUNCTION: ("comes back as another function", "give it a name that Keras does not use"),
    Kind.CONFIG: ("the config differs after loading", "return the argument from get_config"),
}  # fmt: skip


def differences(before: Snapshot, after: Snapshot) -> list[Difference]:
    """Everything that differs, in walk order, parents before children."""
    found = [*_objects(before, after), *_variables(before, after)]
    for path, identity in before.functions.items():
        other = after.functions.get(path)
        if other != identity and path in after.functions:
            found.append(Difference(Kind.FUNCTION, path, "", identity, other))
        elif other is None and path.count("<") == 0:
            found.append(Difference(Kind.OBJECT, path, "", identity, "nothing"))
    return found


def _objects(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    for path, view in before.objects.items():
        other = after.objects.get(path)
        if other is None:
            yield Difference(Kind.OBJECT, path, "", view.kind, "nothing")
        elif other.kind != view.kind:
            yield Difference(Kind.CLASS, path, "", view.kind, other.kind)
        else:
            yield from _members(path, view, other)


def _members(path: str, view: ObjectView, other: ObjectView) -> Iterator[Difference]:
    for name, flag in view.flags.items():
        if other.flags.get(name) != flag:
            yield Difference(Kind.FLAG, path, name, flag, other.flags.get(name))
    for name, value in view.attributes.items():
        if name not in other.attributes:
            yield Difference(Kind.ATTRIBUTE, path, name, value, "nothing")
        elif other.attributes[name] != value:
            yield Difference(Kind.ATTRIBUTE, path, name, value, other.attributes[name])


def _variables(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    for path, view in before.variables.items():
        other = after.variables.get(path)
        if other is None:
            yield Difference(Kind.VARIABLE, path, "", f"{view.dtype}{list(view.shape)}", "nothing")
            continue
        if (other.dtype, other.shape) != (view.dtype, view.shape):
            expected, found = f"{view.dtype}{list(view.shape)}", f"{other.dtype}{list(other.shape)}"
            yield Difference(Kind.VARIABLE, path, "", expected, found)
        elif other.digest != view.digest:
            yield Difference(Kind.VALUE, path, "", view.digest, other.digest)
        yield from _settings(path, view, other)


def _settings(path: str, view: VariableView, other: VariableView) -> Iterator[Difference]:
    for name in ("trainable", "regularizer", "constraint"):
        if getattr(view, name) != getattr(other, name):
            yield Difference(Kind.FLAG, path, name, getattr(view, name), getattr(other, name))


def config_differences(before: Any, after: Any, path: str = "config") -> Iterator[Difference]:
    """Where two config trees differ; ids of shared objects are not compared."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(k for k in after if k not in before)]:
            if key in ("shared_object_id", "date_saved"):
                continue
            if key in before and key in after:
                yield from config_differences(before[key], after[key], f"{path}.{key}")
            else:
                yield Difference(
                    Kind.CONFIG, f"{path}.{key}", "", before.get(key, "nothing"), after.get(key, "nothing")
                )
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from config_differences(one, other, f"{path}[{index}]")
    elif before != after and not (before != before and after != after):
        yield Difference(Kind.CONFIG, path, "", before, after)
