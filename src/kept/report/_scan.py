"""What a scan of model files finds, as plain data; `kept.scan` makes it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kept.findings import Finding, Severity
from kept.report._inspection import Required

__all__ = ["Scan", "Scanned"]


@dataclass(frozen=True, slots=True)
class Scanned:
    """What the rules say of one file.

    Attributes:
        path: The file or folder, as the caller named it or as it was found.
        title: Its format, for people; empty where none recognises it.
        nbytes: Its size.
        findings: One per cause, in the order of the rules.
        required: The classes and functions that loading needs beside Keras, and that are not trusted yet.
        trusted: What would allow them: `kept.load(path, trusted=[...])`.
        skipped: Why it was not judged; empty where it was.
        seconds: Wall time.
    """

    path: str
    title: str = ""
    nbytes: int = 0
    findings: tuple[Finding, ...] = ()
    required: tuple[Required, ...] = ()
    trusted: tuple[str, ...] = ()
    skipped: str = ""
    seconds: float = 0.0

    @property
    def worst(self) -> Severity | None:
        """The gravest severity that it has; None where nothing was found."""
        every = {one.severity for one in self.findings}
        return next((one for one in Severity if one in every), None)

    @property
    def is_alarming(self) -> bool:
        """Whether something was found that is more than a note."""
        return self.worst in (Severity.ERROR, Severity.WARNING)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {**asdict(self), "findings": [one.to_dict() for one in self.findings]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scanned:
        """Reads what `to_dict` gave, also after a way through JSON."""
        required = tuple(Required(**{**one, "places": tuple(one["places"])}) for one in data["required"])
        findings = tuple(map(Finding.from_dict, data["findings"]))
        return cls(**{**data, "findings": findings, "required": required, "trusted": tuple(data["trusted"])})


@dataclass(frozen=True, slots=True)
class Scan:
    """What the rules say of some files: true when anything is more than a note, and iterable over all findings.

    Attributes:
        files: Every file that was judged or skipped, by path.
        seconds: Wall time.
        is_strict: Whether notes and skipped files count too.
    """

    files: tuple[Scanned, ...] = ()
    seconds: float = 0.0
    is_strict: bool = False

    def __bool__(self) -> bool:
        if self.is_strict and any(one.findings or one.skipped for one in self.files):
            return True
        return any(one.is_alarming for one in self.files)

    def __iter__(self) -> Iterator[Finding]:
        return (finding for one in self.files for finding in one.findings)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        files = [one.to_dict() for one in self.files]
        return {"alarming": bool(self), "strict": self.is_strict, "seconds": self.seconds, "files": files}

    def __str__(self) -> str:
        from kept.report import Report, text

        return text.render(Report("scan", scans=(self,))).rstrip("\n")

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
