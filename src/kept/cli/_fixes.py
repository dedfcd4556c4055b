"""What `kept fix` says of what it has done, or would do."""

from __future__ import annotations

import codecs
import difflib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from kept.cli import _terminal

if TYPE_CHECKING:
    from kept.fixing.run import Change, Fixes

__all__ = ["differences", "is_coloured", "summary"]

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_MOST_LEFT = 20


def is_coloured(stream: TextIO) -> bool:
    """Whether colour has a meaning there."""
    return _terminal.colour(stream)


def differences(made: Fixes, *, colour: bool) -> str:
    """A unified diff of every file that would change."""
    lines = [line for change in made.changes for line in _diff(change)]
    return "".join(click.style(line, fg=_COLOURS.get(line[:1])) if colour else line for line in lines)


def _diff(change: Change) -> Iterator[str]:
    before, after = (_lines(content) for content in (change.before, change.after))
    name = change.path.lstrip("/")
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    text = content.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return text.replace("\r\n", "\n").splitlines(keepends=True)


def summary(made: Fixes, *, diff: bool) -> str:
    """What was mended in which file, what was left and why, and how much that is."""
    width = max([len(one.path) for one in made.changes], default=0)
    lines = [f"{one.path:{width}}  {_rules(one)}" for one in made.changes]
    reasons = [one for one in made.left if one.reason]
    if reasons:
        lines += ["", "left for you:"] if lines else ["left for you:"]
        lines += [
            f"  {one.finding.location}  {one.finding.rule}: {one.reason}" for one in reasons[:_MOST_LEFT]
        ]  # fmt: skip
        lines += [f"  +{len(reasons) - _MOST_LEFT} more"] if len(reasons) > _MOST_LEFT else []
    for failure in made.failures:
        lines += [
            "",
            f"{failure.path}: {failure.message}",
            *(f"  {one.found}" for one in failure.problems if one.found),
        ]
    lines += ["", _total(made, diff)] if lines else [_total(made, diff)]
    return "\n".join(lines) + "\n"


def _rules(change: Change) -> str:
    counts = Counter(one.rule for one in change.done)
    return ", ".join(f"{rule} {count}" if count > 1 else rule for rule, count in counts.items())


def _total(made: Fixes, diff: bool) -> str:
    done = made.done_count
    verb = "would be mended" if diff else "mended"
    where = f" in {_counted(len(made.changes), 'file')}" if done else ""
    parts = [f"{done} {verb}{where}" if done else f"nothing to mend in {_counted(made.file_count, 'file')}"]
    unsafe = sum(not one.reason for one in made.left)
    parts += [f"{unsafe} more with --unsafe-fixes"] if unsafe else []
    left = len(made.left) - unsafe
    parts += [f"{left} for you"] if left else []
    parts += [f"{_counted(len(made.failures), 'file')} left alone"] if made.failures else []
    return "; ".join(parts)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
