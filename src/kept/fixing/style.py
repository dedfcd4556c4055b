"""How a file is written, so that what is added looks as if its author had written it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst
from libcst import matchers as m

__all__ = ["LINE_LENGTH", "Style", "annotated"]

LINE_LENGTH = 88
_STRING = re.compile(r"(?<![\"'\w])[rbuf]{0,2}(\"\"\"|'''|\"|')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of a file.

    Attributes:
        config: What LibCST parses new text with: indentation and line ends.
        quote: The quotes of most of its strings.
    """

    config: cst.PartialParserConfig
    quote: str = '"'

    @classmethod
    def of(cls, tree: cst.Module) -> Style:
        """The habits that a parsed file shows."""
        quotes = [found[1][0] for found in _STRING.finditer(tree.code)]
        single = quotes.count("'") > quotes.count('"')
        return cls(tree.config_for_parsing, "'" if single else '"')

    def statement(self, text: str) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
        """Parses one statement that is written with four spaces and double quotes, in the style of the file."""
        parsed = cst.parse_statement(self._indented(text), config=self.config)
        styled = _requoted(parsed) if self.quote == "'" else parsed
        assert isinstance(styled, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
        return styled

    def function(self, text: str) -> cst.FunctionDef:
        """Parses a function."""
        parsed = self.statement(text)
        assert isinstance(parsed, cst.FunctionDef)
        return parsed

    def small(self, text: str) -> cst.BaseSmallStatement:
        """Parses a statement that can share its line with others."""
        parsed = self.statement(text)
        assert isinstance(parsed, cst.SimpleStatementLine)
        return parsed.body[0]

    def expression(self, text: str) -> cst.BaseExpression:
        """Parses an expression."""
        parsed = cst.parse_expression(text, config=self.config)
        styled = _requoted(parsed) if self.quote == "'" else parsed
        assert isinstance(styled, cst.BaseExpression)
        return styled

    def _indented(self, text: str) -> str:
        unit = self.config.default_indent
        assert isinstance(unit, str)
        return re.sub(r"^(?: {4})+", lambda found: unit * (len(found[0]) // 4), text, flags=re.MULTILINE)


def _requoted(parsed: cst.CSTNode) -> cst.CSTNode:
    """The node with single quotes around its plain strings."""
    plain = m.SimpleString(value=m.MatchRegex(r"\"[^\"'\\]*\""))
    changed = m.replace(parsed, plain, _with_single_quotes)
    assert isinstance(changed, cst.CSTNode)
    return changed


def _with_single_quotes(node: cst.CSTNode, _: object) -> cst.CSTNode:
    value = cst.ensure_type(node, cst.SimpleString).value
    return node.with_changes(value=f"'{value[1:-1]}'")


def annotated(function: cst.FunctionDef) -> bool:
    """Whether a function has type hints: on what it returns, or on every parameter but the first."""
    spec = function.params
    others = [*spec.params[1:], *spec.kwonly_params]
    return function.returns is not None or (
        bool(others) and all(m.matches(one, m.Param(annotation=m.Annotation())) for one in others)
    )
