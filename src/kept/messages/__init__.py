"""What Keras says when saving or loading goes wrong: one module per message, found by looking.

A module in here has a docstring, which is the page of the message, and a `MESSAGE`, which recognises it. Rules are
known by name only.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, cast

__all__ = ["Cause", "Message", "MessageModule", "causes", "messages"]

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_QUOTED = re.compile(r"^\s*(?:E |>+ |\| )", re.MULTILINE)
_NUMBER = re.compile(r"_\d+$")
_UNNAMED = {"cls": "the class", "layer": "the model", "argument": "an argument", "arguments": "arguments"}
_SHOWN_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Message:
    """How a message is recognised, and what it means.

    Attributes:
        module: `__name__` of the module that is the message; the message is named after it.
        pattern: Regular expression over a text whose white space is single spaces. The groups `name` and `name_2` are
            one name in two places.
        cause: What is wrong, one clause; names groups of the pattern as `{cls}`.
        edit: What to do, one clause; names groups too.
        rules: Names of the rules that find the cause in source or in a live model.
        near: Regular expression of what stands somewhere in such a text, where the pattern alone says too little.
        wraps: Whether Keras says it around other messages, which are then the cause.
    """

    module: str
    pattern: str
    cause: str
    edit: str
    rules: tuple[str, ...] = ()
    near: str = ""
    wraps: bool = False

    @property
    def name(self) -> str:
        """`could_not_locate.py` is `could-not-locate`."""
        return self.module.rpartition(".")[2].replace("_", "-")


@dataclass(frozen=True, slots=True)
class Cause:
    """A message that was recognised in a text.

    Attributes:
        message: Which one.
        said: The words that were recognised.
        cause: What is wrong, with the names that stand in the text.
        edit: What to do, with the names that stand in the text.
        names: What the groups of the pattern found.
    """

    message: Message
    said: str
    cause: str
    edit: str
    names: Mapping[str, str] = field(default_factory=dict)


class MessageModule(Protocol):
    """What a module of a message has."""

    __doc__: str | None
    __name__: str
    MESSAGE: Message


@cache
def messages() -> tuple[MessageModule, ...]:
    """Every message, in alphabetical order."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return tuple(cast(MessageModule, importlib.import_module(f"{__name__}.{name}")) for name in names)


def causes(text: str) -> list[Cause]:
    """What is wrong, of a traceback or a log: causes in the order in which they are said, what wraps them last."""
    plain = " ".join(_QUOTED.sub("", _COLOUR.sub("", text)).split())
    found: dict[tuple[str, str], tuple[bool, int, Cause]] = {}
    for message in (module.MESSAGE for module in messages()):
        if not re.search(message.near, plain):
            continue
        for match in re.finditer(message.pattern, plain):
            cause = _cause(message, match)
            found.setdefault((message.name, cause.cause), (message.wraps, match.end(), cause))
    return [cause for _, _, cause in sorted(found.values(), key=lambda one: one[:2])]


def _cause(message: Message, match: re.Match[str]) -> Cause:
    found = {_NUMBER.sub("", name): value for name, value in match.groupdict().items() if value is not None}
    names = {name: value.rpartition("<locals>.")[2] for name, value in found.items()}  # of a class, not of its function
    shown = defaultdict(lambda: "it", {**_UNNAMED, **names})
    said = match[0] if len(match[0]) <= _SHOWN_LENGTH else f"... {match[0][-_SHOWN_LENGTH:]}"
    return Cause(message, said, message.cause.format_map(shown), message.edit.format_map(shown), names)
