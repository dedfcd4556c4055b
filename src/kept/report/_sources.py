"""Findings in source as text, as compilers tell them: the line, what is wrong there, what becomes of it, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kept.findings import Applicability, Finding, Fix
from kept.report import Check, Failure
from kept.report._excerpt import excerpt
from kept.report._places import STREAMS, command_word
from kept.report._style import BAD, COLOURS, DOUBTFUL, FAINT, GOOD, count, wrapped

__all__ = ["closing", "lines"]

_NARROWEST_MESSAGE = 40


def lines(check: Check, width: int, verbose: bool) -> Iterator[Text]:
    """Every finding of a check of source, an empty line after each.

    Args:
        check: What was found.
        width: Columns to fill; only a path or a word may be longer.
        verbose: Tell too what kept does about it, and what the mended lines look like.
    """
    for one in check:
        place = str(one.location) or check.subject
        yield Text.assemble((place, "bold"), "  ", (one.rule, COLOURS[one.severity]), f"  {one.code}")
        gutter = " " * len(str(one.location.line)) if one.location.text else ""
        yield from _marked(one, gutter, width) if one.location.text else _noted(one.message, gutter, width)
        yield from _noted(one.stock, gutter, width)
        if verbose and one.kept:
            yield from _noted(f"kept.save {one.kept}", gutter, width)
        if one.fix is not None:
            yield from _mended(one, one.fix, gutter, width, verbose)
        yield Text()


def closing(checks: Iterable[Check], failures: Iterable[Failure], width: int) -> Iterator[Text]:
    """How much was found in how much, and how much of it `kept fix` mends."""
    every, failed = tuple(checks), len(tuple(failures))
    found = [one for check in every for one in check]
    safe, unsafe = (sum(one.fixes(promise) for one in every) for promise in (Applicability.SAFE, Applicability.UNSAFE))
    style = min((COLOURS[one.severity] for one in found), key=list(COLOURS.values()).index, default=GOOD)
    parts = [
        Text.assemble(
            (count(len(found), "finding") if found else "nothing found", style if found or not failed else ""),
            f" in {count(sum(check.file_count or 0 for check in every), 'file')}",
        )
    ]
    if failed:
        parts.append(Text(f"{failed} could not be checked", BAD))
    if safe:
        parts.append(Text(f"{safe} can be fixed by `kept fix`"))
    if unsafe:
        by = "more with --unsafe-fixes" if safe else "can be fixed by `kept fix --unsafe-fixes`"
        parts.append(Text(f"{unsafe} {by}"))
    told = Text(", ").join(parts)
    yield from [told] if len(told) <= width else parts


def _marked(one: Finding, gutter: str, width: int) -> Iterator[Text]:
    """The line of source, and the message behind the mark, or below it where there is no room."""
    room = max(width - len(gutter) - 3, 20)
    shown = excerpt(one.location, room)
    colour = COLOURS[one.severity]
    margin = (f"{gutter} | ", FAINT)
    yield Text(f"{gutter} |", FAINT)
    yield Text.assemble((f"{one.location.line} | ", FAINT), shown.text)
    told = wrapped(one.message, room - shown.offset - shown.length - 1, "", "")
    if shown.length and len(told) == 1 and shown.offset + shown.length + 1 + len(told[0]) <= room:
        yield Text.assemble(margin, " " * shown.offset, ("^" * shown.length, colour), " ", (told[0], colour))
    else:
        if shown.length:
            yield Text.assemble(margin, " " * shown.offset, ("^" * shown.length, colour))
        indent = " " * max(min(shown.offset, room - _NARROWEST_MESSAGE), 0)
        yield from (Text.assemble(margin, (line, colour)) for line in wrapped(one.message, room, indent, indent))
    yield Text(f"{gutter} |", FAINT)


def _noted(text: str, gutter: str, width: int) -> Iterator[Text]:
    lead = f"{gutter} = " if gutter else "  "
    for number, line in enumerate(wrapped(text, width - len(lead), "", "")):
        yield Text.assemble((lead if number == 0 else " " * len(lead), FAINT), line)


def _mended(one: Finding, fix: Fix, gutter: str, width: int, verbose: bool) -> Iterator[Text]:
    file = one.location.file
    yield from _noted(f"edit: {fix.message}", gutter, width)
    if verbose or not fix.automatic:
        margin = " " * (len(gutter) + 9)
        yield from (Text(f"{margin}{line}".rstrip()) for line in fix.code.splitlines())
    if fix.automatic and file and file not in STREAMS:
        unsafe = fix.applicability is Applicability.UNSAFE
        name, command = ("unsafe fix", "kept fix --unsafe-fixes") if unsafe else ("fix", "kept fix")
        lead = f"{gutter} = " if gutter else "  "
        style = DOUBTFUL if unsafe else GOOD
        yield Text.assemble((lead, FAINT), (f"{name} available", style), f": {command} {command_word(file)}")
