"""The report as JUnit's XML, which every CI system reads: a suite for each file, a failed test for each finding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from kept.findings import Finding
from kept.report import Report
from kept.report._places import said

__all__ = ["render"]

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """One failed test for each finding, an error for each failure, and one passed test where there is neither."""
    root = ElementTree.Element("testsuites", name="kept")
    files: dict[str, list[Finding]] = {}
    for check in report.judged:
        for one in check:
            files.setdefault(one.location.file or check.subject, []).append(one)
        if not check:
            _case(_suite(root, check.subject, 1), "nothing found", check.subject)
    for file, findings in files.items():
        suite = _suite(root, file, len(findings), failures=len(findings))
        for one in findings:
            _finding(suite, file, one)
    for failure in report.failures:
        case = _case(_suite(root, failure.path, 1, errors=1), "could not be checked", failure.path)
        ElementTree.SubElement(case, "error", type=failure.kind, message=_allowed(failure.message))
    for what in ("tests", "failures", "errors"):
        root.set(what, str(sum(int(suite.get(what, "0")) for suite in root)))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _suite(root: ElementTree.Element, name: str, tests: int, failures: int = 0, errors: int = 0) -> ElementTree.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return ElementTree.SubElement(root, "testsuite", {"name": _allowed(name), **counts})


def _case(suite: ElementTree.Element, name: str, file: str, line: int = 0) -> ElementTree.Element:
    place = {"classname": _allowed(file), "file": _allowed(file), **({"line": str(line)} if line else {})}
    return ElementTree.SubElement(suite, "testcase", {"name": _allowed(name), **place})


def _finding(suite: ElementTree.Element, file: str, one: Finding) -> None:
    case = _case(suite, f"{one.code} {one.rule}", file, one.location.line)
    failure = ElementTree.SubElement(case, "failure", type=one.severity.value, message=_allowed(one.message))
    failure.text = _allowed("\n".join(_details(one, file)))


def _details(one: Finding, file: str) -> Iterable[str]:
    yield f"{str(one.location) or file}: {said(one)}"
    if one.location.text:
        yield one.location.text.strip()
    if one.fix is not None:
        yield one.fix.message


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
