"""The report as SARIF 2.1.0 (an OASIS standard), for code scanning.

Columns count characters. A file below this folder has a path relative to `%SRCROOT%`; the reader knows where that is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from kept import docstrings, rules
from kept.findings import Edit, Finding, Severity
from kept.report import Check, Report
from kept.report._places import fingerprints, line, place, relative, said
from kept.rules import pages
from kept.version import __version__

__all__ = ["render"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_FINGERPRINT = "kept/v1"


def render(report: Report) -> str:
    """One run: the rules that speak, with their pages, and a result for each finding."""
    order = list(dict.fromkeys(one.code for one in report.findings))
    invocation: dict[str, Any] = {"executionSuccessful": not report.failures}
    if report.failures:
        invocation["toolExecutionNotifications"] = [
            {
                "level": "error",
                "message": {"text": f"{failure.path}: {failure.message}"},
                "descriptor": {"id": failure.kind},
            }
            for failure in report.failures
        ]
    run = {
        "tool": {"driver": {"name": "kept", "version": __version__, "rules": _rules(report.findings, order)}},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [result for check in report.judged for result in _results(check, order)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(findings: Iterable[Finding], order: list[str]) -> list[dict[str, Any]]:
    named = {one.code: one for one in findings}
    known = {module.RULE.code: module for package in rules.packages() for module in rules.rules(package)}
    return [_rule(named[code], known.get(code)) for code in order]


def _rule(one: Finding, module: rules.RuleModule | None) -> dict[str, Any]:
    descriptor: dict[str, Any] = {"id": one.code, "name": one.rule}
    if module is None:
        return descriptor
    texts = docstrings.sections(module)
    page = "\n\n".join(f"{heading}\n\n{text}" for heading, text in texts.items())
    return {
        **descriptor,
        "shortDescription": {"text": docstrings.title(module)},
        "fullDescription": {"text": " ".join(next(iter(texts.values()), docstrings.title(module)).split())},
        "help": {"text": page, "markdown": pages.markdown(module)},
        "defaultConfiguration": {"level": _LEVELS[module.RULE.severity]},
        "properties": {"tags": ["keras", "serialization"]},
    }


def _results(check: Check, order: list[str]) -> Iterable[dict[str, Any]]:
    for one, fingerprint in zip(check, fingerprints(check, check.subject), strict=True):
        result: dict[str, Any] = {
            "ruleId": one.code,
            "ruleIndex": order.index(one.code),
            "level": _LEVELS[one.severity],
            "message": {"text": said(one)},
            "locations": [_location(one, check.subject)],
            "partialFingerprints": {_FINGERPRINT: fingerprint},
        }
        if one.fix is not None and one.fix.edits:
            result["fixes"] = [{"description": {"text": one.fix.message}, "artifactChanges": _changes(one.fix.edits)}]
        yield result


def _location(one: Finding, subject: str) -> dict[str, Any]:
    file, cell = place(one.location.file)
    physical: dict[str, Any] = {"artifactLocation": _artifact(file)} if file else {}
    if line(one):
        region: dict[str, Any] = {"startLine": line(one)}
        if one.location.column:
            region["startColumn"] = one.location.column
        if one.location.end_column > one.location.column:
            region["endColumn"] = one.location.end_column
        physical["region"] = region
        if one.location.text:
            physical["contextRegion"] = {"startLine": line(one), "snippet": {"text": one.location.text}}
    names = [cell, *one.where, one.kind, "" if file else subject]
    logical = [{"fullyQualifiedName": name} for name in names if name]
    parts = {"physicalLocation": physical, "logicalLocations": logical}
    return {name: part for name, part in parts.items() if part}


def _artifact(file: str) -> dict[str, str]:
    path = relative(file)
    if PurePath(path).is_absolute():
        return {"uri": f"file://{_quoted(path)}"}
    return {"uri": _quoted(path), "uriBaseId": "%SRCROOT%"}


def _quoted(path: str) -> str:
    try:
        return quote(os.fsencode(path))
    except UnicodeEncodeError:  # a name that no file can have
        return quote(path.encode("utf-8", "replace"))


def _changes(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    files: dict[str, list[dict[str, Any]]] = {}
    for edit in edits:
        region = {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        }
        files.setdefault(edit.file, []).append({"deletedRegion": region, "insertedContent": {"text": edit.text}})
    return [{"artifactLocation": _artifact(file), "replacements": every} for file, every in files.items()]
