"""Every error that kept raises on purpose.

KeptError
├── FormatError (ValueError)            the bytes are not what they claim to be
│   ├── UnknownFormatError              no format recognises the file
│   ├── CorruptFileError                the format is known, the content is damaged
│   ├── UnsupportedVersionError         written by something newer, or too old
│   └── LimitExceededError              larger or deeper than `kept.limits` allows
│       └── ExpansionError              what is small in the file and large in memory
├── SerializationError (TypeError)      an object of the live model cannot be written
├── UntrustedCodeError (ValueError)     loading needs code that the caller has not allowed
├── UnsafeContentError (ValueError)     the file asks for something no model needs
│   └── PickledDataError                to read it is to run it
├── MismatchError (ValueError)          file and model do not fit; lists every mismatch
├── VerificationError                   what came back is not what was saved
├── WriteError (OSError)                the target cannot be written
└── MissingDependencyError (ImportError)

Each subclasses what Keras raises in the same place, so an old `except TypeError` still works.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = [
    "CorruptFileError",
    "ExpansionError",
    "FormatError",
    "KeptError",
    "KeptWarning",
    "LimitExceededError",
    "MismatchError",
    "MissingDependencyError",
    "PickledDataError",
    "Problem",
    "SerializationError",
    "UnknownFormatError",
    "UnsafeContentError",
    "UnsupportedVersionError",
    "UntrustedCodeError",
    "VerificationError",
    "WriteError",
    "shown",
]

_SHOWN_PROBLEMS_COUNT = 10
_SHOWN_VALUE_LENGTH = 160


class KeptWarning(UserWarning):
    """Something was done that the caller may want to know; nothing is lost."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what was expected, what was found, what to do.

    Attributes:
        message: One sentence without a full stop.
        where: Object path (`model.layers[2].cell`), inner path or member name; may be empty.
        expected: What would have been right; may be empty.
        found: What was there instead; may be empty.
        hint: What the reader can do; may be empty.
    """

    message: str
    where: str = ""
    expected: str = ""
    found: str = ""
    hint: str = ""

    def under(self, key: str) -> Problem:
        """The same problem with `key` put before its place."""
        joined = key + self.where if self.where.startswith("[") else ".".join(filter(None, (key, self.where)))
        return replace(self, where=joined)

    def lines(self) -> list[str]:
        """The problem as indented lines, its place first."""
        first = f"{self.where}: {self.message}" if self.where else self.message
        details = (("expected", self.expected), ("found", self.found), ("hint", self.hint))
        return [first, *(f"  {name:<9} {_shorten(text)}" for name, text in details if text)]


def _shorten(text: str) -> str:
    return text if len(text) <= 4 * _SHOWN_VALUE_LENGTH else text[: 4 * _SHOWN_VALUE_LENGTH - 3] + "..."


def shown(value: object) -> str:
    """A value as it may stand in an error: its repr, never longer than a line and a half."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _SHOWN_VALUE_LENGTH else text[: _SHOWN_VALUE_LENGTH - 3] + "..."


class KeptError(Exception):
    """What every error of kept is.

    Args:
        message: One sentence that says what happened.
        path: The file concerned, if any.
        where: The place inside the file or the model.
        expected: What would have been right.
        found: What was there instead.
        hint: What the reader can do.
        problems: Every single thing that is wrong, where there is more than one.

    Attributes are named as the arguments, and:
        rescue: The file in which a failing save left the model's weights; None when nothing had to be rescued.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | os.PathLike[str] | None = None,
        where: str = "",
        expected: str = "",
        found: str = "",
        hint: str = "",
        problems: Iterable[Problem] = (),
    ) -> None:
        super().__init__(message)  # first: an ImportError has a path of its own, which this sets to None
        self.message = message
        self.path = None if path is None else os.fspath(path)
        self.where = where
        self.expected = expected
        self.found = found
        self.hint = hint
        self.problems: Sequence[Problem] = tuple(problems)
        self.rescue: str | None = None

    def __str__(self) -> str:
        own = Problem(self.message, self.where, self.expected, self.found)
        lines = own.lines()
        if self.path:
            lines[0] = f"{self.path}: {lines[0]}"
        for problem in self.problems[:_SHOWN_PROBLEMS_COUNT]:
            lines += ["  " + line for line in problem.lines()]
        if len(self.problems) > _SHOWN_PROBLEMS_COUNT:
            lines.append(f"  +{len(self.problems) - _SHOWN_PROBLEMS_COUNT} more")
        if self.hint:
            lines.append(f"  {'hint':<9} {self.hint}")
        if self.rescue:
            lines.append(f"  {'weights':<9} {self.rescue}")
        return "\n".join(lines)

    def under(self, key: str) -> KeptError:
        """Prepends `key` to the place of this error; returns the error itself."""
        self.where = Problem("", self.where).under(key).where
        return self


class FormatError(KeptError, ValueError):
    """The bytes are not what they claim to be."""


class UnknownFormatError(FormatError):
    """No format recognises the file."""


class CorruptFileError(FormatError):
    """The format is known, the content is damaged or cut."""


class UnsupportedVersionError(FormatError):
    """The file was written by a version that this one cannot read."""


class LimitExceededError(FormatError):
    """Larger, deeper or more expanding than `kept.limits` allows."""


class ExpansionError(LimitExceededError):
    """Small in the file, and far larger in memory."""


class SerializationError(KeptError, TypeError):
    """An object of the live model cannot be written."""


class UntrustedCodeError(KeptError, ValueError):
    """Loading needs code that the caller has not allowed.

    Attributes:
        required: What would allow it: `kept.load(path, trusted=error.required)` is a whole answer.
    """

    def __init__(self, message: str, *, required: Sequence[str] = (), **details: object) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type]
        self.required = list(required)


class UnsafeContentError(KeptError, ValueError):
    """The file asks for something that no model needs.

    Attributes:
        findings: What the rules of `kept scan` found, where they did; each a `kept.findings.Finding`.
    """

    def __init__(self, message: str, *, findings: Iterable[Any] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.findings: tuple[Any, ...] = tuple(findings)


class PickledDataError(UnsafeContentError):
    """The file is a pickle, or holds one: reading it would run what it says."""


class MismatchError(KeptError, ValueError):
    """File and model do not fit; `problems` lists every mismatch."""


class VerificationError(KeptError):
    """What came back is not what was saved; `problems` lists every difference."""


class WriteError(KeptError, OSError):
    """The target cannot be written."""


class MissingDependencyError(KeptError, ImportError):
    """An optional package is needed and not installed."""
