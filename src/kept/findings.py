"""What a rule reports: plain data, the same for rules on source, on live models and on files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

__all__ = ["NOWHERE", "Applicability", "Edit", "Finding", "Fix", "Location", "Rule", "Severity", "merged"]


class Severity(str, Enum):
    """How much is at stake.

    ERROR: saving or loading fails. WARNING: something comes back different, without a word. NOTE: it may not matter.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Applicability(str, Enum):
    """What a fix promises.

    SAFE: the program means the same afterwards. UNSAFE: it may not. DISPLAY_ONLY: for a person to write.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY_ONLY = "display only"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file.

    Attributes:
        file: Path as it is shown; empty when unknown.
        line: From 1; 0 when unknown.
        column: Of the first character, from 1; 0 when unknown.
        end_column: Of the character after the last; 0 when unknown.
        text: The line itself; empty when it cannot be read.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    end_column: int = 0
    text: str = ""

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *numbers]) if self.file else ""


NOWHERE = Location()


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in a source file, from a position up to but without another; both count from 1."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend what was found.

    Attributes:
        message: What to do, as an order without a full stop.
        code: What the mended line or lines look like; may be empty.
        applicability: What applying `edits` promises.
        edits: Exact replacements; empty when only a person can make them.
    """

    message: str
    code: str = ""
    applicability: Applicability = Applicability.DISPLAY_ONLY
    edits: tuple[Edit, ...] = ()

    @property
    def automatic(self) -> bool:
        """Whether `kept fix` makes it, on request at least."""
        return self.applicability is not Applicability.DISPLAY_ONLY


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause of one failure.

    Attributes:
        code: Stable alias of the rule (`KPT205`).
        rule: Name of the rule (`rebuild-differs`).
        severity: How much is at stake.
        message: What is wrong, one clause without a full stop; the same wherever the cause is the same.
        where: Object paths in a live model, or places in a file, in order; may be empty.
        kind: Class or function concerned; may be empty.
        location: The line to look at.
        stock: What plain Keras does, one clause.
        kept: What kept does about it, one clause.
        fix: The smallest edit; None when there is none.
    """

    code: str
    rule: str
    severity: Severity
    message: str
    where: tuple[str, ...] = ()
    kind: str = ""
    location: Location = NOWHERE
    stock: str = ""
    kept: str = ""
    fix: Fix | None = None

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Reads what `to_dict` gave, also after a way through JSON."""
        fix = data.get("fix")
        if fix is not None:
            edits = tuple(Edit(**one) for one in fix["edits"])
            fix = Fix(fix["message"], fix["code"], Applicability(fix["applicability"]), edits)
        plain = {**data, "severity": Severity(data["severity"]), "where": tuple(data["where"])}
        return cls(**{**plain, "location": Location(**data["location"]), "fix": fix})


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is called.

    Attributes:
        code: Stable alias.
        module: `__name__` of the module that is the rule; the rule is named after it.
        severity: That of its findings, where they do not say otherwise.
        edit: The most that an edit of `kept fix` promises for one of them.
    """

    code: str
    module: str
    severity: Severity = Severity.WARNING
    edit: Applicability = Applicability.DISPLAY_ONLY

    @property
    def name(self) -> str:
        """`rebuild_differs.py` is `rebuild-differs`."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def has_edit(self) -> bool:
        """Whether `kept fix` mends what it finds, some of it at least, and on request."""
        return self.edit is not Applicability.DISPLAY_ONLY

    def finding(self, message: str, **details: Any) -> Finding:
        """A finding of this rule; `details` are attributes of `Finding`."""
        return Finding(self.code, self.name, details.pop("severity", self.severity), message, **details)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per cause: those that say the same of the same line become one, with all their places."""
    causes: dict[tuple[str, str, str, int, str], tuple[Finding, dict[str, None]]] = {}
    for one in findings:
        cause = (one.rule, one.kind, one.location.file, one.location.line, one.message)
        first, where = causes.setdefault(cause, (one, dict.fromkeys(one.where)))
        if first is not one:
            where.update(dict.fromkeys(one.where))
    return [replace(first, where=tuple(where)) for first, where in causes.values()]
