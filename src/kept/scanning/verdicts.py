"""What the rules say of a file, as it is reported; numpy and h5py are not imported for one that cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kept.errors import KeptError, UnknownFormatError
from kept.findings import Finding, Location
from kept.formats.places import is_url, nbytes_of
from kept.report import Scanned
from kept.rules import RuleModule, judge
from kept.rules.subject import FileSubject
from kept.scanning.asked import Asked
from kept.scanning.trust import required, what_to_trust

__all__ = ["given_up", "joined", "verdict"]


def given_up(path: str | os.PathLike[str], error: KeptError, asked: Asked) -> Scanned:
    """What is told of a file that could not be judged to its end."""
    subject = FileSubject(os.fspath(path), failure=error, limits=asked.limits)
    return verdict(subject, asked, asked.rules())


def verdict(subject: FileSubject, asked: Asked, rules: Iterable[RuleModule]) -> Scanned:
    """What some rules say of a subject."""
    subject = replace(subject, trusted=asked.trusted)
    findings = tuple(replace(one, location=Location(subject.path)) for one in judge(subject, rules))
    needed = tuple(required(subject))
    return Scanned(
        subject.path,
        _title(subject),
        _size(subject),
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


def joined(outer: Scanned, inner: Scanned) -> Scanned:
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


def _size(subject: FileSubject) -> int:
    """Of a file, or of all files in a folder."""
    if subject.artifact is None and is_url(subject.path):
        return 0
    place = Path(subject.path) if subject.artifact is None else subject.artifact.path
    try:
        return nbytes_of(place)
    except (OSError, KeptError):
        return 0
