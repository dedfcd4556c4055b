"""The report as a page to look at: one file of its own, which asks nothing of the network and runs nothing of a model."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from kept.report import Report
from kept.report._boxes import printable
from kept.report._sheet import note, sheet
from kept.report._style import count

__all__ = ["render"]

_STYLES = ("page.css", "graph.css", "print.css")
_SCRIPTS = ("graph.js", "panel.js", "page.js")


def render(report: Report) -> str:
    """One page: of each model file its graph, its sizes and its layers; of anything else what was found.

    Everything that comes from a file is text: escaped in HTML, JSON for the script, which makes text nodes of it. A
    content security policy admits the page's own style and script by their hashes, and nothing else.
    """
    sheets = [sheet(one) for one in report.inspections]
    checks = [(printable(check.subject), [note(one) for one in check]) for check in report.checks]
    parts = {name: _part(name) for name in (*_STYLES, *_SCRIPTS)}
    return _template().render(
        title=_title(report),
        policy=_policy(parts),
        styles=[Markup(parts[name]) for name in _STYLES],  # noqa: S704  our own
        scripts=[Markup(parts[name]) for name in _SCRIPTS] if sheets else [],  # noqa: S704  our own
        data=_json([one.data for one in sheets]),
        sheets=sheets,
        checks=checks,
        finding_count=count(len(report.findings), "finding"),
        failures=report.failures,
        proofs=report.proofs,
    )


def _title(report: Report) -> str:
    subjects = [one.path for one in (*report.inspections, *report.proofs, *report.failures)]
    subjects += [check.subject for check in report.checks]
    return printable(subjects[0]) + (f" and {len(subjects) - 1} more" if len(subjects) > 1 else "") if subjects else ""


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
    return Markup(text)  # noqa: S704  nothing in it is a character of HTML
