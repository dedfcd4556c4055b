"""Writing `# kept: ignore[...]` comments for what is found now, so that only what comes later is told."""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kept.errors import WriteError
from kept.findings import Finding
from kept.formats.temporary import keep_permissions, temporary_name
from kept.rules.source import unreadable_source, unused_ignore
from kept.source.files import decoded, is_notebook, read_bytes
from kept.source.suppressions import statement_lines, suppressions

__all__ = ["Written", "add_ignores", "with_ignores"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_NEVER = (unreadable_source.RULE.name, unused_ignore.RULE.name)


@dataclass(frozen=True, slots=True)
class Written:
    """What was done.

    Attributes:
        files: Files that were changed.
        comment_count: Lines that have a new comment, or one with more rules.
        left: Findings that no comment can silence: of notebooks, of files that cannot be read, of comments.
    """

    files: tuple[str, ...]
    comment_count: int
    left: tuple[Finding, ...]


def add_ignores(findings: Iterable[Finding]) -> Written:
    """Silences findings by comments in their files, each of which is replaced as a whole or not at all.

    Raises:
        WriteError: A file cannot be read or written.
    """
    files: dict[str, list[Finding]] = {}
    left = []
    for one in findings:
        path = one.location.file
        if one.rule in _NEVER or is_notebook(path.partition(":cell ")[0]) or not os.path.isfile(path):
            left.append(one)
        else:
            files.setdefault(path, []).append(one)
    count = 0
    for path, found in files.items():
        try:
            content = read_bytes(path)
            changed, lines = with_ignores(content, found)
            _replace(path, changed)
        except OSError as error:
            raise WriteError("no comment can be written", path=path, found=error.strerror or str(error)) from error
        count += lines
    return Written(tuple(files), count, tuple(left))


def with_ignores(content: bytes, findings: Sequence[Finding]) -> tuple[bytes, int]:
    """The bytes of a file with comments that silence findings in it, and how many lines are changed."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    lines = _LINE.findall(content.decode(encoding))
    text = decoded(content)
    closed = _closed_lines(text)
    wanted: dict[int, set[str]] = {}
    for one in findings:
        line = one.location.line
        wanted.setdefault(_open_line(line, closed, text), set()).add(one.rule)
    there = {one.line: one for one in suppressions(text) if one.words is not None and one.is_closed and one.lines}
    for line, rules in wanted.items():
        body = lines[line - 1].rstrip("\r\n")
        end = lines[line - 1][len(body) :]
        if line in there:
            comment = there[line]
            words = dict.fromkeys((*(comment.words or ()), *sorted(rules)))
            before, after = body[: comment.column - 1], body[comment.end_column - 1 :]
            body = f"{before}# kept: ignore[{', '.join(words)}]{after}"
        else:
            body = f"{body.rstrip()}  # kept: ignore[{', '.join(sorted(rules))}]"
        lines[line - 1] = body + end
    return "".join(lines).encode(encoding), len(wanted)


def _open_line(line: int, closed: set[int], text: str) -> int:
    """The line itself, or the last of its statement where the line cannot end in a comment."""
    if line not in closed:
        return line
    return next((last for first, last in statement_lines(text) if first <= line <= last), line)


def _closed_lines(text: str) -> set[int]:
    """Lines that end within a string, or in a backslash."""
    closed: set[int] = set()
    ends = 0
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.end[0] > token.start[0] and token.type not in (tokenize.NEWLINE, tokenize.NL):
                closed.update(range(token.start[0], token.end[0]))
            if token.start[0] > ends > 0 and token.type not in (tokenize.DEDENT, tokenize.INDENT, tokenize.ENDMARKER):
                closed.update(range(ends, token.start[0]))
            ends = 0 if token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT) else token.end[0]
    return closed


def _replace(path: str, content: bytes) -> None:
    target = os.path.realpath(path)
    temporary = temporary_name(target)
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            keep_permissions(stream.fileno(), target, 0o666)
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
