"""The report as a page to look at: one file of its own, which asks no network and runs nothing that a model holds."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from kept.report import Check, Inspection, Report
from kept.report._boxes import printable
from kept.report._notes import Note, changes, note, told
from kept.report._sheet import Sheet, sheet
from kept.report._style import count

__all__ = ["render"]

_STYLES = ("page.css", "graph.css", "print.css")
_SCRIPTS = ("graph.js", "panel.js", "page.js")


def render(report: Report) -> str:
    """One page: of each model file its graph, its sizes and its layers; of anything else what was found.

    Everything that comes from a file is text: escaped in HTML, JSON for the script, which makes text nodes of it. A
    content security policy admits the page's own style and script by their hashes, and nothing else.
    """
    sheets = [_sheet(one, report) for one in report.inspections]
    shown = {one.path for one in report.inspections}
    skipped = {file.path: file.skipped for scan in report.scans for file in scan.files if file.skipped}
    judged = [check for check in report.judged if check.subject not in shown]
    parts = [part for check in judged for part in _parts(check, skipped.get(check.subject, ""))]
    parts += [
        (printable(f"{one.a.path} and {one.b.path}"), [each for each, _ in changes(one, "b")])
        for one in report.comparisons
        if one.b.path not in shown
    ]
    own = {name: _part(name) for name in (*_STYLES, *_SCRIPTS)}
    return _template().render(
        title=_title(report),
        policy=_policy(own),
        styles=[Markup(own[name]) for name in _STYLES],
        scripts=[Markup(own[name]) for name in _SCRIPTS] if sheets else [],
        data=_json([one.data for one in sheets]),
        sheets=sheets,
        parts=parts,
        heading=_heading(report),
        failures=report.failures,
        proofs=report.proofs,
    )


def _sheet(one: Inspection, report: Report) -> Sheet:
    """A file, with what rules say of it, and what differs from the file that it is compared with."""
    given = [(note(found), found.where) for check in report.judged if check.subject == one.path for found in check]
    trusted = [name for scan in report.scans for file in scan.files if file.path == one.path for name in file.trusted]
    beside = ""
    for pair in report.comparisons:
        if one.path in (pair.a.path, pair.b.path):
            other = pair.a.path if one.path == pair.b.path else pair.b.path
            beside = f"beside {printable(other)}: {told(pair)}"
            given += changes(pair, "b" if one.path == pair.b.path else "a")
    return sheet(one, given, trusted, beside)


def _parts(check: Check, skipped: str = "") -> Iterator[tuple[str, list[Note]]]:
    """The findings of a check by file, in order; those of a live model together."""
    files: dict[str, list[Note]] = {} if len(check) else {check.subject: []}
    if skipped:
        files = {check.subject: [Note("warning", "not judged", printable(skipped))]}
    for one in check:
        file = one.location.file if check.file_count is not None else ""
        files.setdefault(file or check.subject, []).append(note(one))
    return ((printable(file), notes) for file, notes in files.items())


def _heading(report: Report) -> str:
    if report.judged:
        found, files = len(report.findings), sum(check.file_count or 0 for check in report.checks)
        files += sum(len(scan.files) for scan in report.scans)
        return (count(found, "finding") if found else "Nothing found") + (
            f" in {count(files, 'file')}" if files else ""
        )
    if report.proofs:
        held = sum(one.holds for one in report.proofs)
        return f"{held} of {count(len(report.proofs), 'file')} proven"
    if report.comparisons:
        differing = sum(one.differs for one in report.comparisons)
        return f"{count(differing, 'pair')} of files differ" if differing else "Nothing differs"
    return "Not read" if report.failures else "Nothing to tell"


def _title(report: Report) -> str:
    subjects = [one.path for one in report.inspections] + [one.path for one in report.proofs]
    subjects += [check.subject for check in report.judged] + [one.path for one in report.failures]
    subjects += [one.b.path for one in report.comparisons]
    subjects = list(dict.fromkeys(subjects))
    more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
    return printable(subjects[0]) + more if subjects else ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("kept.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = printable
    return environment.get_template("page.html")


@cache
def _part(name: str) -> str:
    return files("kept.report").joinpath("page", name).read_text(encoding="utf-8")


def _policy(parts: dict[str, str]) -> str:
    def sources(names: tuple[str, ...]) -> str:
        hashes = (base64.b64encode(hashlib.sha256(parts[name].encode()).digest()).decode() for name in names)
        return " ".join(f"'sha256-{one}'" for one in hashes)

    return (
        f"default-src 'none'; style-src {sources(_STYLES)}; script-src {sources(_SCRIPTS)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _json(data: Any) -> Markup:
    """JSON that ends no element of HTML and begins none, and that every reader of lines takes for one line."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for one in "<>&":
        text = text.replace(one, f"\\u{ord(one):04x}")
    return Markup(text)
