"""One more element at the end of what stands between brackets, laid out as the elements before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import libcst as cst

__all__ = ["appended", "prepended", "with_entry", "without"]

Element = TypeVar("Element", cst.Arg, cst.Param, cst.BaseDictElement, cst.BaseElement)
Space = cst.BaseParenthesizableWhitespace


def appended(elements: Sequence[Element], new: Element, opening: Space) -> list[Element]:
    """Puts an element after the others.

    Args:
        elements: What is there.
        new: Without a comma of its own.
        opening: The white space after the opening bracket: where it breaks the line, every element has its own.
    """
    if not elements:
        return [new]
    last = elements[-1]
    comma = _comma(last)
    between = _between(opening)
    closing = comma.whitespace_after if comma else None
    if not isinstance(closing, cst.ParenthesizedWhitespace):
        ending = comma or cst.MaybeSentinel.DEFAULT
    else:
        if isinstance(between, cst.ParenthesizedWhitespace):
            between = between.with_changes(first_line=closing.first_line)  # with the comment on the last element
            closing = closing.with_changes(first_line=cst.TrailingWhitespace(newline=closing.first_line.newline))
        ending = cst.Comma(whitespace_after=closing)
    made: list[Element] = list(elements[:-1])
    after = _SPACE_AFTER.get(type(last))
    if after and comma is None:  # the space before the closing bracket is that of the last element
        new = new.with_changes(**{after: getattr(last, after)})
        last = last.with_changes(**{after: cst.SimpleWhitespace("")})
    made.append(last.with_changes(comma=cst.Comma(whitespace_after=between)))
    made.append(new.with_changes(comma=ending))
    return made


_SPACE_AFTER: dict[type, str] = {cst.Arg: "whitespace_after_arg", cst.Param: "whitespace_after_param"}


def prepended(elements: Sequence[Element], new: Element, opening: Space) -> list[Element]:
    """Puts an element before the others."""
    if not elements:
        return [new]
    first = new.with_changes(comma=cst.Comma(whitespace_after=_between(opening)))
    made: list[Element] = [first]
    made.extend(elements)
    return made


def _comma(element: cst.CSTNode) -> cst.Comma | None:
    comma = getattr(element, "comma", None)
    return comma if isinstance(comma, cst.Comma) else None


def _between(opening: Space) -> Space:
    if isinstance(opening, cst.ParenthesizedWhitespace):
        return opening.with_changes(
            first_line=cst.TrailingWhitespace(newline=opening.first_line.newline), empty_lines=[]
        )
    return cst.SimpleWhitespace(" ")


def without(elements: Sequence[Element], gone: Element) -> list[Element]:
    """Takes an element out; the one that is last then ends as the last did."""
    left = [one for one in elements if one is not gone]
    if left and elements[-1] is gone:
        left[-1] = left[-1].with_changes(comma=gone.comma)
    return left


def with_entry(display: cst.Dict, new: cst.DictElement) -> cst.Dict:
    """The dict with an entry more; a comment behind the one that was last stays with it."""
    elements = appended(display.elements, new, display.lbrace.whitespace_after)
    closing = display.rbrace.whitespace_before
    comma = elements[-2].comma if len(elements) > 1 else None
    between = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    if isinstance(closing, cst.ParenthesizedWhitespace) and isinstance(between, cst.ParenthesizedWhitespace):
        commented = between.with_changes(first_line=closing.first_line)
        elements[-2] = elements[-2].with_changes(comma=cst.Comma(whitespace_after=commented))
        closing = closing.with_changes(first_line=cst.TrailingWhitespace(newline=closing.first_line.newline))
    return display.with_changes(elements=elements, rbrace=display.rbrace.with_changes(whitespace_before=closing))
