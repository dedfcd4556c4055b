"""Findings less those that a comment silences, and the comments that silence nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kept.checking.reading import Reading
from kept.findings import Applicability, Edit, Finding, Fix, Location, Rule
from kept.rules import is_named, packages, rules
from kept.rules.source import unused_ignore
from kept.source.suppressions import Suppression, suppressions

__all__ = ["silenced"]

_STOCK = "stays there, and hides the next fault that is made on this line"


def silenced(reading: Reading, findings: Iterable[Finding], asked: Collection[Rule]) -> list[Finding]:
    """The findings of one file that no comment silences, and one for each comment without use.

    Args:
        reading: The file.
        findings: What the rules found in it.
        asked: The rules.
    """
    text = reading.module.text if reading.module else ""
    comments = suppressions(text)
    if not comments:
        return list(findings)
    used: set[tuple[Suppression, str]] = set()
    left = []
    for one in findings:
        line = reading.line(one.location)
        hits = {(comment, word) for comment in comments for word in _words(comment, one, line)}
        used |= hits
        if not hits:
            left.append(one)
    if unused_ignore.RULE in asked:
        every = [module.RULE for name in packages() for module in rules(name)]
        for comment in comments:
            words = {word for owner, word in used if owner == comment}
            told = _useless(comment, words, asked, every)
            if told is not None:
                left.append(_finding(*told, comment, text, reading))
    return left


def _words(comment: Suppression, one: Finding, line: int) -> Iterator[str]:
    """The words of a comment that silence a finding; "" is that of a comment for all rules."""
    if not comment.covers(line):
        return
    if comment.words is None:
        yield ""
        return
    rule = Rule(one.code, one.rule)
    yield from (word for word in comment.words if is_named(rule, word))


def _useless(
    comment: Suppression, used: set[str], asked: Collection[Rule], every: Collection[Rule]
) -> tuple[str, tuple[str, ...] | None] | None:
    """What is wrong with a comment, and the words that it should have; None where nothing is."""
    words = comment.words
    if not comment.is_closed:
        return "the bracket of this comment is not closed", None
    if words is None:
        return None if used else ("this comment silences nothing", ())
    if not words:
        return "this comment names no rule", ()
    if not {unused_ignore.RULE.name, unused_ignore.RULE.code}.isdisjoint(words):
        return None
    useless = [word for word in dict.fromkeys(words) if word not in used and _is_missed(word, asked, every)]
    if not useless:
        return None
    unknown = [word for word in useless if not any(is_named(rule, word) for rule in every)]
    said = f"no rule is called {', '.join(unknown)}" if unknown else f"{', '.join(useless)} finds nothing here"
    return said, tuple(word for word in words if word not in useless)


def _is_missed(word: str, asked: Collection[Rule], every: Collection[Rule]) -> bool:
    """Whether a rule would have spoken if there were something: all the rules that a word names were asked."""
    return all(rule in asked for rule in every if is_named(rule, word))


def _finding(message: str, left: tuple[str, ...] | None, comment: Suppression, text: str, reading: Reading) -> Finding:
    shown = text.split("\n")[comment.line - 1]
    path, line = reading.place(comment.line)
    fix = Fix("close the bracket")
    if left is not None:
        begin = comment.column if left else len(shown[: comment.column - 1].rstrip()) + 1
        head = shown[comment.column - 1 : comment.end_column - 1].partition("[")[0]
        edit = Edit(path, line, begin, line, comment.end_column, f"{head}[{', '.join(left)}]" if left else "")
        order = f"name only {', '.join(left)}" if left else "remove the comment"
        fix = Fix(order, applicability=Applicability.SAFE, edits=(edit,))
    location = Location(path, line, comment.column, comment.end_column, shown)
    return unused_ignore.RULE.finding(message, location=location, stock=_STOCK, fix=fix)
