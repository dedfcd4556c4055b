"""The report for GitLab's code quality widget: a JSON list in the format of Code Climate."""

from __future__ import annotations

import json
from typing import Any

from kept.findings import Severity
from kept.report import Check, Report
from kept.report._places import fingerprints, line, place, relative, said

__all__ = ["render"]

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """One entry for each finding and failure; an empty list where there is none."""
    entries = [entry for check in report.judged for entry in _entries(check)]
    entries += [
        _entry(failure.kind, f"{failure.path}: {failure.message}", "blocker", failure.path, 1, failure.path)
        for failure in report.failures
    ]
    return json.dumps(entries, indent=2) + "\n"


def _entries(check: Check) -> list[dict[str, Any]]:
    names = fingerprints(check, check.subject)
    return [
        _entry(
            f"{one.code} {one.rule}",
            said(one),
            _SEVERITIES[one.severity],
            place(one.location.file)[0] or check.subject,
            line(one) or 1,
            name,
        )
        for one, name in zip(check, names, strict=True)
    ]


def _entry(name: str, message: str, severity: str, file: str, begin: int, fingerprint: str) -> dict[str, Any]:
    return {
        "description": message,
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": relative(file), "lines": {"begin": begin}},
    }
