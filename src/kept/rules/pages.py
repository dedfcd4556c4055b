"""The docstring of a rule, which is its page, taken apart."""

from __future__ import annotations

import re
import textwrap
from typing import Protocol

from kept.findings import Rule

__all__ = ["CODE", "Page", "markdown", "sections", "summary", "title"]

CODE = ("Example", "Use instead")
_HEADING = re.compile(r"^([A-Z][A-Za-z ]+):\n", re.MULTILINE)


class Page(Protocol):
    """A module of a rule, as far as its page goes."""

    __doc__: str | None
    RULE: Rule


def title(module: Page) -> str:
    """The first line: what the rule finds, a sentence."""
    return (module.__doc__ or "").partition("\n")[0]


def sections(module: Page) -> dict[str, str]:
    """Heading -> text without its indentation, in the order in which they stand."""
    parts = _HEADING.split(module.__doc__ or "")
    return {name: textwrap.dedent(text).strip("\n") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def summary(module: Page) -> str:
    """Code, severity and title, one paragraph."""
    return f"{module.RULE.code}, {module.RULE.severity.value}. {title(module)}"


def markdown(module: Page) -> str:
    """The whole page."""
    lines = [f"# {module.RULE.name}", "", summary(module)]
    for heading, text in sections(module).items():
        body = f"```python\n{text}\n```" if heading in CODE else text
        lines += ["", f"## {heading}", "", body]
    return "\n".join(lines) + "\n"
