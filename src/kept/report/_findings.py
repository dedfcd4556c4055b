"""Findings as text: the line of source, what is wrong there, what becomes of it, and the edit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.text import Text

from kept.errors import Problem
from kept.findings import Finding, Fix, Severity
from kept.report import Check, Failure, Report

__all__ = ["lines"]

_LABEL_WIDTH = 12
_SHOWN_PLACES = 3
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "dark_orange3", Severity.NOTE: "blue"}
_FAINT = "bright_black"


def lines(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    """A report of checks as lines.

    Args:
        report: What is to be told.
        width: Columns to fill.
        verbose: Name every place of a finding instead of the first few.
    """
    yield _headline(report)
    for check in report.checks:
        for finding in check:
            yield Text()
            yield from _finding(finding, check, width, verbose)
    for failure in report.failures:
        yield Text()
        yield from _failure(failure, width)


def _headline(report: Report) -> Text:
    findings, subjects = report.findings, [check.subject for check in report.checks]
    named = ", ".join(subjects)
    head = Text("kept  ")
    if report.failures:
        count, total = len(report.failures), len(report.failures) + len(subjects)
        who = report.failures[0].path if total == 1 else f"{count} of {total}"
        head.append(f"{who} could not be checked", "red")
        return head.append(f"; {_counted(findings)}") if findings else head
    if not findings:
        head.append("nothing found", "green")
        return head.append(f" in {named}: plain Keras loads it as it is")
    silent = sum(one.severity is not Severity.ERROR for one in findings)
    head.append(_counted(findings), "red" if silent < len(findings) else "dark_orange3").append(f" in {named}")
    fates = (
        (len(findings) - silent, "fails", "fail"),
        (silent, "is lost without a word", "are lost without a word"),
    )
    said = [f"{count} {one if count == 1 else many}" for count, one, many in fates if count]
    return head.append(f": {', '.join(said)}" if len(findings) > 1 else "")


def _counted(findings: tuple[Finding, ...]) -> str:
    return f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"


def _finding(one: Finding, check: Check, width: int, verbose: bool) -> Iterator[Text]:
    place = str(one.location) or check.subject
    yield Text.assemble((place, "bold"), "  ", (one.rule, _COLOURS[one.severity]), f"  {one.code}")
    yield from _excerpt(one, width)
    shown = one.where if verbose else one.where[:_SHOWN_PLACES]
    rest = f" and {len(one.where) - len(shown)} more" if len(shown) < len(one.where) else ""
    where = f"{', '.join(shown)}{rest}: " if shown else ""
    yield from map(Text, _wrapped(f"{where}{one.message}", width, "  ", "  "))
    for label, value in (("plain Keras", one.stock), ("kept", one.kept)):
        yield from _labelled(label, value, width)
    if one.fix is not None:
        yield from _edit(one.fix, width)


def _excerpt(one: Finding, width: int) -> Iterator[Text]:
    """The line of source, with a mark below the columns concerned."""
    if not one.location.text:
        return
    number = str(one.location.line)
    text = one.location.text.expandtabs(4)
    cut = max(width - len(number) - 5, 20)
    text = text if len(text) <= cut else text[: cut - 3] + "..."
    yield Text()
    yield Text.assemble((f"  {number} | ", _FAINT), text)
    length = one.location.end_column - one.location.column
    if one.location.column and length > 0 and one.location.end_column <= cut:
        margin = f"  {' ' * len(number)} | "
        mark = " " * (one.location.column - 1)
        yield Text.assemble((margin, _FAINT), mark, ("^" * length, _COLOURS[one.severity]))
    yield Text()


def _edit(fix: Fix, width: int) -> Iterator[Text]:
    yield from _labelled("edit", fix.message, width)
    if fix.code:
        margin = " " * (_LABEL_WIDTH + 5)
        yield from (Text(line) for line in _wrapped(fix.code, width, margin, margin + "    "))


def _failure(failure: Failure, width: int) -> Iterator[Text]:
    kind = "" if failure.kind == "KeptError" else failure.kind
    yield Text.assemble((failure.path, "bold"), "  ", (kind, "red"))
    yield from map(Text, _wrapped(failure.message, width, "  ", "  "))
    for problem in failure.problems:
        yield from _problem(problem, failure.message, width)
    yield from _labelled("hint", failure.hint, width)


def _problem(problem: Problem, said: str, width: int) -> Iterator[Text]:
    if problem.message != said:
        yield from _labelled("problem", problem.message, width)
    for label, value in (("where", problem.where), ("expected", problem.expected), ("found", problem.found)):
        yield from _labelled(label, value, width)


def _labelled(label: str, value: str, width: int) -> Iterator[Text]:
    if not value:
        return
    first, *rest = _wrapped(value, width, " " * (_LABEL_WIDTH + 5), " " * (_LABEL_WIDTH + 5))
    yield Text.assemble("    ", (f"{label:<{_LABEL_WIDTH}} ", _FAINT), first.lstrip())
    yield from map(Text, rest)


def _wrapped(text: str, width: int, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
