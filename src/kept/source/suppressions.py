"""Comments that silence rules: `# kept: ignore[rule-name, KPT102]`, `# kept: ignore`, `# kept: ignore-file[...]`.

A comment holds for the findings of its own line. On the first or the last line of a statement it holds for the whole
statement: with `class` and `def`, from the first decorator to the colon; with other compound statements, up to the
colon. Where no rules are named, all of them are silenced. What follows the brackets is for people.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Suppression", "statement_lines", "suppressions"]

_HINT = re.compile(r"#.*kept:\s*ignore")
_COMMENT = re.compile(r"#\s*kept:\s*ignore(?P<file>-file)?(?![\w-])(?:\s*\[(?P<words>[^\]]*)(?P<closed>\])?)?")
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment.

    Attributes:
        line: Where it stands, from 1.
        column: Of its `#`, from 1.
        end_column: Of the character after its last word or bracket.
        words: Rules by name, code or beginning of codes, as written; None for all rules.
        lines: First and last line that it holds for; None for the whole file.
        is_closed: Whether its bracket is; it silences nothing where it is not.
    """

    line: int
    column: int
    end_column: int
    words: tuple[str, ...] | None
    lines: tuple[int, int] | None
    is_closed: bool = True

    def covers(self, line: int) -> bool:
        """Whether it holds for findings of a line."""
        return self.is_closed and (self.lines is None or self.lines[0] <= line <= self.lines[1])


def suppressions(text: str) -> tuple[Suppression, ...]:
    """Every such comment of a Python text, in order; what stands in a string is none."""
    if not _HINT.search(text):
        return ()
    statements, comments = _layout(text)
    return tuple(
        _suppression(match, line, column, statements)
        for line, column, comment in comments
        for match in _COMMENT.finditer(comment)
    )


def _suppression(match: re.Match[str], line: int, column: int, statements: list[tuple[int, int]]) -> Suppression:
    words = match["words"]
    return Suppression(
        line,
        column + match.start() + 1,
        column + match.end() + 1,
        None if words is None else tuple(words.replace(",", " ").split()),
        None if match["file"] else _held(line, statements),
        words is None or bool(match["closed"]),
    )


def statement_lines(text: str) -> list[tuple[int, int]]:
    """First and last line of every statement (of a compound one: of what stands before its body), in order."""
    return _layout(text)[0]


def _held(line: int, statements: list[tuple[int, int]]) -> tuple[int, int]:
    return next(((first, last) for first, last in statements if line in (first, last)), (line, line))


def _layout(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]]]:
    """The lines of every statement, and every comment with its line and its column from 0."""
    statements: list[tuple[int, int]] = []
    comments = []
    first = 0
    is_decorator, is_begun = False, False
    for token in _tokens(text):
        if token.type == tokenize.COMMENT:
            comments.append((*token.start, token.string))
        elif token.type == tokenize.NEWLINE:
            if not is_decorator:
                statements.append((first, token.start[0]))
                first = 0
            is_decorator = is_begun = False
        elif token.type not in _LAYOUT and not is_begun:
            first = first or token.start[0]
            is_decorator, is_begun = token.string == "@", True
    return statements, comments


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return
