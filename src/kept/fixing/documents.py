"""Files as the Python text in them, and back: encoding, line ends and all that is no code stay as they are."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

from kept.fixing.notebooks import NotebookFile
from kept.source.files import decoded, is_notebook

__all__ = ["Document", "PythonFile", "document"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ENDING = re.compile(r"(?:\r\n|\r|\n)$")


class Document(Protocol):
    """A file with code in it."""

    @property
    def text(self) -> str:
        """The code, its lines ended by line feeds."""

    def encoded(self, text: str) -> bytes:
        """Code as the bytes of a Python file."""

    def written(self, text: str) -> bytes:
        """The content of the file with other code."""


@dataclass(frozen=True, slots=True)
class PythonFile:
    """A file that is code.

    Attributes:
        content: Its bytes.
        text: Its text, lines ended by line feeds.
    """

    content: bytes
    text: str

    @property
    def encoding(self) -> str:
        """The encoding that the file declares, or that its byte order mark does."""
        return tokenize.detect_encoding(io.BytesIO(self.content).readline)[0]

    def encoded(self, text: str) -> bytes:
        """Code as the bytes of such a file."""
        return text.encode(self.encoding)

    def written(self, text: str) -> bytes:
        """The content with another text; lines that are there already end as they did."""
        raw = self.content.decode(self.encoding)
        return self.encoded("".join(_ended(_LINE.findall(raw), _LINE.findall(text))))


def _ended(old: list[str], new: list[str]) -> list[str]:
    """The new lines, each that was there before with the ending that it had."""
    endings = [found[0] if (found := _ENDING.search(line)) else "" for line in old]
    kinds = sorted({one for one in endings if one}, key=endings.count)
    usual = kinds[-1] if kinds else "\n"
    if len(kinds) <= 1:
        return [line[:-1] + usual if line.endswith("\n") else line for line in new]
    plain = [_ENDING.sub("\n", line) for line in old]
    made = [line[:-1] + usual if line.endswith("\n") else line for line in new]
    for block in SequenceMatcher(None, plain, new, autojunk=False).get_matching_blocks():
        made[block.b : block.b + block.size] = old[block.a : block.a + block.size]
    return made


def document(path: str, content: bytes) -> Document:
    """A file, read.

    Raises:
        SyntaxError: Its encoding is unknown, or its bytes are not in it.
        KeptError: It is no notebook, though its name says so.
    """
    if is_notebook(path):
        return NotebookFile.read(decoded(content), bom=content.startswith(codecs.BOM_UTF8))
    return PythonFile(content, decoded(content))
