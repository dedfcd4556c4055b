"""A docstring that is a page: a title, and headings with text below each."""

from __future__ import annotations

import re
import textwrap
from typing import Protocol

__all__ = ["CODE", "Page", "markdown", "sections", "title"]

CODE = ("Example", "Use instead")
_HEADING = re.compile(r"^([A-Z][A-Za-z ]+):\n", re.MULTILINE)


class Page(Protocol):
    """A module whose docstring is a page."""

    __doc__: str | None


def title(module: Page) -> str:
    """The first line, a sentence."""
    return (module.__doc__ or "").partition("\n")[0]


def sections(module: Page) -> dict[str, str]:
    """Heading -> text without its indentation, in the order in which they stand."""
    parts = _HEADING.split(module.__doc__ or "")
    return {name: textwrap.dedent(text).strip("\n") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def markdown(module: Page, name: str, summary: str) -> str:
    """The whole page, under a heading and a first paragraph."""
    lines = [f"# {name}", "", summary]
    for heading, text in sections(module).items():
        body = f"```python\n{text}\n```" if heading in CODE else text
        lines += ["", f"## {heading}", "", body]
    return "\n".join(lines) + "\n"
