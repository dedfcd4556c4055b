"""The report for a GitHub workflow: commands that become annotations beside the changed lines.

The commands are those of "Workflow commands for GitHub Actions"; a message is escaped as the toolkit escapes it.
"""

from __future__ import annotations

from kept.findings import Finding, Severity
from kept.report import Report
from kept.report._places import STREAMS, line, place, relative, said

__all__ = ["render"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """One command for each finding and failure."""
    lines = [_finding(one) for check in report.judged for one in check]
    lines += [
        _command("error", {"title": failure.kind}, f"{failure.path}: {failure.message}") for failure in report.failures
    ]
    return "".join(f"{one}\n" for one in lines)


def _finding(one: Finding) -> str:
    properties: dict[str, object] = {}
    file = place(one.location.file)[0]
    if file and file not in STREAMS:
        properties["file"] = relative(file)
        if line(one):
            properties["line"] = line(one)
            if one.location.column:
                properties["col"] = one.location.column
            if one.location.end_column > one.location.column:
                properties |= {"endLine": line(one), "endColumn": one.location.end_column}
    properties["title"] = f"{one.rule} ({one.code})"
    return _command(_COMMANDS[one.severity], properties, said(one))


def _command(name: str, properties: dict[str, object], message: str) -> str:
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
