"""Pass after pass over one text, until nothing is left that can be mended."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from kept.errors import KeptError
from kept.findings import Applicability, Edit, Finding
from kept.fixing.edits import Fixer, fixers
from kept.fixing.source import Deferred, Source, Unmendable
from kept.source.module import Module

__all__ = ["Mended", "mended", "with_edits"]

_MOST_PASSES = 100
_UNSAFE = "it may change behaviour"


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one text.

    Attributes:
        before: As it was.
        after: As it is now; the same where nothing could be mended.
        done: What was mended, in order.
        unsafe: What only an unsafe edit mends, and was left.
        left: What a person must mend, with the reason.
    """

    before: str
    after: str
    done: tuple[Finding, ...] = ()
    unsafe: tuple[Finding, ...] = ()
    left: tuple[tuple[Finding, str], ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after


def mended(
    text: str,
    path: str,
    read: Callable[[str], Module],
    find: Callable[[Module], Iterable[Finding]],
    *,
    unsafe: bool = False,
) -> Mended:
    """Mends what can be mended.

    Args:
        text: Python source.
        path: What it is called in an error.
        read: Parses a text.
        find: What is wrong with a parsed text.
        unsafe: Whether edits that may change behaviour are made.

    Raises:
        KeptError: The edits do not come to an end, or one of them gives what is not Python; nothing is changed then.
    """
    before, seen = text, {text}
    state = Mended(before, before)
    for _ in range(_MOST_PASSES):
        module = read(text)
        state, new = _pass(module, find(module), state, unsafe)
        if new == text:
            return replace(state, after=text)
        _checked(new, path, state.done[-1])
        if new in seen:
            raise _endless(path, state.done[-1], "undoes another edit")
        seen.add(new)
        text = new
    raise _endless(path, state.done[-1], f"is asked for again after {_MOST_PASSES} passes")


def _pass(module: Module, findings: Iterable[Finding], state: Mended, unsafe: bool) -> tuple[Mended, str]:
    """One edit per place; the rest waits for the next pass."""
    known: Mapping[str, Fixer] = fixers()
    source: Source | None = None
    done, left, held, exact = list(state.done), [], [], []
    for finding in findings:
        fixer = known.get(finding.rule)
        promise = finding.fix.applicability if finding.fix else Applicability.DISPLAY_ONLY
        if promise is Applicability.DISPLAY_ONLY or (fixer is None and not (finding.fix and finding.fix.edits)):
            left.append((finding, "it is for a person to mend"))
        elif promise is not Applicability.SAFE and not unsafe:
            held.append(finding)
        elif fixer is None:
            exact.append(finding)
        else:
            source = source or _source(module)
            if source is None:
                left.append((finding, "the file cannot be rewritten without loss"))
                continue
            reason = _attempt(fixer, source, finding, unsafe)
            if reason == _UNSAFE:
                held.append(finding)
            elif reason is None:
                done.append(finding)
            elif reason:
                left.append((finding, reason))
    text = source.rewritten() if source is not None else module.text
    if text == module.text and exact:
        text = with_edits(module.text, [edit for one in exact if one.fix for edit in one.fix.edits])
        done += exact
    return Mended(state.before, state.before, tuple(done), tuple(held), tuple(left)), text


def _source(module: Module) -> Source | None:
    """The file with every space and comment; None where LibCST would lose any, such as a form feed in front."""
    try:
        source = Source(module)
    except (cst.ParserSyntaxError, RecursionError):
        return None
    return source if source.tree.code == module.text else None


def with_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with exact replacements made; of two that overlap, the first."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    spans = sorted(
        (starts[one.line - 1] + one.column - 1, starts[one.end_line - 1] + one.end_column - 1, one.text)
        for one in edits
    )
    made, position = [], 0
    for start, end, new in spans:
        if start >= position:
            made += [text[position:start], new]
            position = end
    return "".join([*made, text[position:]])


def _attempt(fixer: Fixer, source: Source, finding: Finding, unsafe: bool) -> str | None:
    """Makes one edit: None when it is made, empty when it must wait, else why it is not made."""
    try:
        fixer.mend(source, finding)
    except Deferred:
        source.forget()
        return ""
    except Unmendable as error:
        source.forget()
        return str(error)
    if source.is_unsafe and not unsafe:
        source.forget()
        return _UNSAFE
    return None if source.settle() else "nothing can be changed there"


def _checked(text: str, path: str, last: Finding) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise KeptError(
            "the edits would break the file; it is as it was",
            path=path,
            where=f"edit for {last.rule}",
            expected="Python",
            found=str(error),
            hint=f"mend {last.rule} by hand, or leave it out with --ignore {last.rule}",
        ) from None


def _endless(path: str, last: Finding, what: str) -> KeptError:
    return KeptError(
        "the edits do not come to an end; the file is as it was",
        path=path,
        where=f"line {last.location.line}",
        expected="edits after which nothing is left to mend",
        found=f"the edit for {last.rule} {what}",
        hint=f"leave it out with --ignore {last.rule}",
    )
