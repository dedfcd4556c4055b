"""Statements in the body of a function or class: finding one, putting one before or after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

import libcst as cst
from libcst import matchers as m

from kept.fixing.style import Style

__all__ = [
    "all_replaced",
    "blocked",
    "contains",
    "inserted",
    "position",
    "replaced",
    "small_statements",
    "without_placeholder",
]

Item = cst.BaseStatement | cst.BaseSmallStatement
Node = TypeVar("Node", bound=cst.CSTNode)


def contains(outer: cst.CSTNode, matcher: m.BaseMatcherNode) -> bool:
    """Whether a node matches, or any below it."""
    return bool(m.findall(outer, matcher))


def position(body: cst.BaseSuite, test: Callable[[Item], bool]) -> int | None:
    """Number of the first statement of a body that passes a test; None where none does."""
    return next((number for number, item in enumerate(_items(body)) if test(item)), None)


def small_statements(body: cst.BaseSuite) -> list[cst.BaseSmallStatement]:
    """The simple statements at the top of a body, in order."""
    found: list[cst.BaseSmallStatement] = []
    for item in _items(body):
        if isinstance(item, cst.SimpleStatementLine):
            found += item.body
        elif isinstance(item, cst.BaseSmallStatement):
            found.append(item)
    return found


def inserted(body: cst.BaseSuite, number: int, text: str, style: Style) -> cst.BaseSuite:
    """Puts a statement before the statement with a number; at the end where the number is their count."""
    parsed = style.statement(text)
    if isinstance(body, cst.SimpleStatementSuite):
        if isinstance(parsed, cst.SimpleStatementLine):
            items = [*body.body[:number], *parsed.body, *body.body[number:]]
            return body.with_changes(body=_separated(items))
        body = blocked(body)
    block = cast(cst.IndentedBlock, body)
    items_of_block: list[cst.BaseStatement] = [*block.body[:number], parsed, *block.body[number:]]
    if number == 0 and len(block.body):
        first = block.body[0]
        lines = cast(Sequence[cst.EmptyLine], getattr(first, "leading_lines", ()))
        items_of_block[0] = parsed.with_changes(leading_lines=[line for line in lines if line.comment is None])
        items_of_block[1] = first.with_changes(leading_lines=[line for line in lines if line.comment is not None])
    return block.with_changes(body=items_of_block)


def blocked(body: cst.BaseSuite) -> cst.IndentedBlock:
    """A body with each statement on a line of its own."""
    if isinstance(body, cst.IndentedBlock):
        return body
    suite = cast(cst.SimpleStatementSuite, body)
    lines = [cst.SimpleStatementLine([small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)]) for small in suite.body]
    if suite.trailing_whitespace.comment is not None:
        lines[-1] = lines[-1].with_changes(trailing_whitespace=suite.trailing_whitespace)
    return cst.IndentedBlock(lines)


def without_placeholder(block: cst.IndentedBlock) -> cst.IndentedBlock:
    """The block without a lone `pass` or `...`, which something else is about to replace."""
    placeholder = m.SimpleStatementLine(body=[m.Pass() | m.Expr(value=m.Ellipsis())])
    return block.with_changes(body=[one for one in block.body if not m.matches(one, placeholder)])


def replaced(tree: Node, old: cst.CSTNode, new: cst.CSTNode) -> Node:
    """The tree with one node in the place of another."""
    changed = tree.deep_replace(old, new)
    return cast(Node, changed)


def all_replaced(tree: Node, changes: Mapping[cst.CSTNode, cst.CSTNode]) -> Node:
    """The tree with several nodes replaced at once; none of them is in another."""
    return cast(Node, tree.visit(_Replacing(changes))) if changes else tree


class _Replacing(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, cst.CSTNode]) -> None:
        super().__init__()
        self.changes = changes

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node not in self.changes

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode:
        return self.changes.get(original_node, updated_node)


def _items(body: cst.BaseSuite) -> Sequence[Item]:
    return cast(Sequence[Item], body.body)


def _separated(items: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    """Small statements with a semicolon after each but the last, as far as they have none."""
    return [
        item if isinstance(getattr(item, "semicolon", None), cst.Semicolon) and number < len(items) - 1
        else item.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        for number, item in enumerate(items)
    ]  # fmt: skip
