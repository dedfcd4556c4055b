"""One judgement of one file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kept.errors import KeptError, UnknownFormatError
from kept.findings import Finding, Location
from kept.limits import DEFAULT_LIMITS, Limits
from kept.report import Scanned
from kept.rules import RuleModule, chosen, judge
from kept.rules.subject import FileSubject
from kept.scanning.reading import opened
from kept.scanning.trust import required, what_to_trust

__all__ = ["Asked", "scan_file", "verdict"]

_PACKAGES = ("security", "integrity")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a scan.

    Attributes:
        select: Names of rules, codes or beginnings of codes; empty for all rules.
        ignore: The same, for rules that are left out.
        trusted: Modules and `sha256:...` of embedded sources that need not be named.
        limits: The caps of the readers.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS

    def rules(self, packages: Sequence[str] = _PACKAGES) -> tuple[RuleModule, ...]:
        """The rules that are asked.

        Raises:
            KeptError: A word names no rule.
        """
        return tuple(
            module for package in packages for module in chosen(package, select=self.select, ignore=self.ignore)
        )


def scan_file(path: str | os.PathLike[str], asked: Asked | None = None) -> Scanned:
    """Opens one file or folder once, and asks the rules about it. It is judged in this process, without a time limit.

    Args:
        path: The file or folder.
        asked: What is asked; everything when None.
    """
    asked = asked or Asked()
    began = time.perf_counter()
    with opened(path, asked.limits) as subject:
        found = verdict(subject, asked, asked.rules())
        inside = subject.artifact.extras.get("keras_archive") if subject.artifact is not None else None
        if inside is not None:
            found = _with(found, scan_file(inside, asked))
    return replace(found, seconds=time.perf_counter() - began)


def verdict(subject: FileSubject, asked: Asked, rules: Iterable[RuleModule]) -> Scanned:
    """What some rules say of a subject."""
    subject = replace(subject, trusted=asked.trusted)
    findings = tuple(replace(one, location=Location(subject.path)) for one in judge(subject, rules))
    needed = tuple(required(subject))
    return Scanned(
        subject.path,
        _title(subject),
        _size(subject.path),
        findings,
        needed,
        tuple(what_to_trust(subject)) if needed else (),
        skipped=_reason(subject.failure) if not findings else "",
    )


def _title(subject: FileSubject) -> str:
    if subject.artifact is None:
        return ""
    from kept.formats.base import formats

    return formats()[subject.artifact.format].title


def _reason(failure: KeptError | None) -> str:
    if failure is None:
        return ""
    if isinstance(failure, UnknownFormatError):
        return f"{failure.message}, {failure.found}" if failure.found else failure.message
    return failure.message


def _with(outer: Scanned, inner: Scanned) -> Scanned:
    """A file and the whole model inside it as one."""
    findings = tuple(_inside(one) for one in inner.findings)
    return replace(
        outer,
        title=f"{outer.title} with a {inner.title} in it",
        findings=(*outer.findings, *(replace(one, location=Location(outer.path)) for one in findings)),
        required=(*outer.required, *inner.required),
        trusted=(*outer.trusted, *inner.trusted),
    )


def _inside(one: Finding) -> Finding:
    return replace(one, where=tuple(f"model.keras: {place}" for place in one.where))


def _size(path: str) -> int:
    """Of a file, or of all files in a folder; links are not followed."""
    try:
        if not os.path.isdir(path):
            return os.stat(path).st_size
        return sum(_sizes(path))
    except OSError:
        return 0


def _sizes(folder: str) -> Iterator[int]:
    for above, _, names in os.walk(folder):
        for name in names:
            yield os.lstat(os.path.join(above, name)).st_size
