"""Findings less those that a comment silences, and the comments that silence nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from kept.findings import Applicability, Edit, Finding, Fix, Location, Rule
from kept.rules import is_named, packages, rules
from kept.rules.source import unused_ignore
from kept.source.suppressions import Suppression, suppressions

__all__ = ["silenced"]


def silenced(
    text: str,
    findings: Iterable[Finding],
    asked: Collection[Rule],
    place: Callable[[int], tuple[str, int]],
) -> list[Finding]:
    """The findings of one file that no comment silences, and one for each comment without use.

    Args:
        text: Of the module.
        findings: Of all rules.
        asked: The rules that gave them.
        place: Line of the text -> path and line that are shown.
    """
    comments = suppressions(text)
    if not comments:
        return list(findings)
    lines = {place(line): line for line in range(1, text.count("\n") + 2)}
    used: dict[tuple[int, str], bool] = {}
    left = []
    for one in findings:
        line = lines.get((one.location.file, one.location.line), 0)
        hits = [(index, word) for index, comment in enumerate(comments) for word in _words(comment, one, line)]
        used.update(dict.fromkeys(hits, True))
        if not hits:
            left.append(one)
    if unused_ignore.RULE in asked:
        every = [module.RULE for name in packages() for module in rules(name)]
        for index, comment in enumerate(comments):
            words = {word for number, word in used if number == index}
            left += _unused(comment, words, asked, every, text, place)
    return left


def _words(comment: Suppression, one: Finding, line: int) -> Iterator[str]:
    """The words of a comment that silence a finding; "" is that of a comment for all rules."""
    if not comment.covers(line):
        return
    if comment.words is None:
        yield ""
        return
    yield from (word for word in comment.words if word == one.rule or _is_code_of(word, one.code))


def _is_code_of(word: str, code: str) -> bool:
    return word.upper().startswith("KPT") and code.startswith(word.upper())


def _unused(
    comment: Suppression,
    used: set[str],
    asked: Collection[Rule],
    every: Collection[Rule],
    text: str,
    place: Callable[[int], tuple[str, int]],
) -> Iterator[Finding]:
    words = comment.words
    if not comment.is_closed:
        yield _finding("the bracket of this comment is not closed, so it silences nothing", comment, None, text, place)
    elif words is None:
        if not used:
            yield _finding("this comment silences nothing", comment, (), text, place)
    elif not any(is_named(unused_ignore.RULE, word) for word in words):
        useless = [word for word in dict.fromkeys(words) if word not in used and _is_missed(word, asked, every)]
        unknown = [word for word in useless if not any(is_named(rule, word) for rule in every)]
        if useless or not words:
            what = f"no rule is called {', '.join(unknown)}" if unknown else _nothing(useless)
            left = tuple(word for word in words if word not in useless)
            yield _finding(what, comment, left, text, place)


def _nothing(useless: list[str]) -> str:
    return f"{', '.join(useless)}: nothing of that kind is found here" if useless else "this comment names no rule"


def _is_missed(word: str, asked: Collection[Rule], every: Collection[Rule]) -> bool:
    """Whether a rule would have spoken if there were something: all the rules that a word names were asked."""
    return all(rule in asked for rule in every if is_named(rule, word))


def _finding(
    message: str,
    comment: Suppression,
    left: tuple[str, ...] | None,
    text: str,
    place: Callable[[int], tuple[str, int]],
) -> Finding:
    shown = text.split("\n")[comment.line - 1]
    path, line = place(comment.line)
    fix = None
    if left is not None:
        begin = len(shown[: comment.column - 1].rstrip()) + 1
        kept = f"{shown[comment.column - 1 : comment.end_column - 1].partition('[')[0]}[{', '.join(left)}]"
        edit = Edit(path, line, comment.column if left else begin, line, comment.end_column, kept if left else "")
        what = f"name only {', '.join(left)}" if left else "remove the comment"
        fix = Fix(what, applicability=Applicability.SAFE, edits=(edit,))
    location = Location(path, line, comment.column, comment.end_column, shown)
    return unused_ignore.RULE.finding(message, location=location, fix=fix)
