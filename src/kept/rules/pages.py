"""The page of a rule, which is its docstring."""

from __future__ import annotations

from kept import docstrings
from kept.rules import RuleModule

__all__ = ["markdown"]


def markdown(module: RuleModule) -> str:
    """The whole page."""
    rule = module.RULE
    return docstrings.markdown(module, rule.name, f"{rule.code}, {rule.severity.value}. {docstrings.title(module)}")
