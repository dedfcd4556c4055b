"""Findings in live models as text: the line of source, what is wrong there, what becomes of it, and the edit."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from kept.errors import Problem
from kept.findings import Finding, Fix, Severity
from kept.report import Check, Failure, Report
from kept.report._excerpt import excerpt
from kept.report._style import BAD, COLOURS, FAINT, GOOD, count, wrapped

__all__ = ["failed", "lines"]

_LABEL_WIDTH = 12
_SHOWN_PLACES = 3


def lines(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    """A report of checks of live models as lines.

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
        yield from failed(failure, width)


def _headline(report: Report) -> Text:
    findings, subjects = report.findings, [check.subject for check in report.checks]
    named = ", ".join(subjects)
    head = Text("kept  ")
    if report.failures:
        failed_count, total = len(report.failures), len(report.failures) + len(subjects)
        who = report.failures[0].path if total == 1 else f"{failed_count} of {total}"
        head.append(f"{who} could not be checked", BAD)
        return head.append(f"; {count(len(findings), 'finding')}") if findings else head
    if not findings:
        head.append("nothing found", GOOD)
        return head.append(f" in {named}: plain Keras loads it as it is")
    silent = sum(one.severity is not Severity.ERROR for one in findings)
    head.append(count(len(findings), "finding"), BAD if silent < len(findings) else "dark_orange3").append(
        f" in {named}"
    )
    fates = (
        (len(findings) - silent, "fails", "fail"),
        (silent, "is lost without a word", "are lost without a word"),
    )
    said = [f"{number} {one if number == 1 else many}" for number, one, many in fates if number]
    return head.append(f": {', '.join(said)}" if len(findings) > 1 else "")


def _finding(one: Finding, check: Check, width: int, verbose: bool) -> Iterator[Text]:
    place = str(one.location) or check.subject
    yield Text.assemble((place, "bold"), "  ", (one.rule, COLOURS[one.severity]), f"  {one.code}")
    yield from _excerpt(one, width)
    shown = one.where if verbose else one.where[:_SHOWN_PLACES]
    rest = f" and {len(one.where) - len(shown)} more" if len(shown) < len(one.where) else ""
    where = f"{', '.join(shown)}{rest}: " if shown else ""
    yield from map(Text, wrapped(f"{where}{one.message}", width, "  ", "  "))
    for label, value in (("plain Keras", one.stock), ("kept", one.kept)):
        yield from _labelled(label, value, width)
    if one.fix is not None:
        yield from _edit(one.fix, width)


def _excerpt(one: Finding, width: int) -> Iterator[Text]:
    """The line of source, with a mark below the columns concerned."""
    if not one.location.text:
        return
    number = str(one.location.line)
    shown = excerpt(one.location, max(width - len(number) - 5, 20))
    yield Text()
    yield Text.assemble((f"  {number} | ", FAINT), shown.text)
    if shown.length:
        margin = f"  {' ' * len(number)} | "
        yield Text.assemble((margin, FAINT), " " * shown.offset, ("^" * shown.length, COLOURS[one.severity]))
    yield Text()


def _edit(fix: Fix, width: int) -> Iterator[Text]:
    yield from _labelled("edit", fix.message, width)
    if fix.code:
        margin = " " * (_LABEL_WIDTH + 5)
        yield from (Text(line) for line in wrapped(fix.code, width, margin, margin + "    "))


def failed(failure: Failure, width: int) -> Iterator[Text]:
    """What could not be checked, and why."""
    kind = "" if failure.kind == "KeptError" else failure.kind
    yield Text.assemble((failure.path, "bold"), "  ", (kind, BAD))
    yield from map(Text, wrapped(failure.message, width, "  ", "  "))
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
    first, *rest = wrapped(value, width, " " * (_LABEL_WIDTH + 5), " " * (_LABEL_WIDTH + 5))
    yield Text.assemble("    ", (f"{label:<{_LABEL_WIDTH}} ", FAINT), first.lstrip())
    yield from map(Text, rest)
