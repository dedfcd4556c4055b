"""The page of a rule, which is its docstring."""

from __future__ import annotations

import re

from kept import docstrings
from kept.findings import Applicability
from kept.rules import RuleModule

__all__ = ["markdown", "promise"]

_PROMISES = {"Safe": Applicability.SAFE, "Unsafe": Applicability.UNSAFE}


def promise(module: RuleModule) -> Applicability:
    """What the page says of the rule's edit."""
    said = re.match(r"\w*", docstrings.sections(module).get("Fix safety", ""))
    return _PROMISES.get(said[0] if said else "", Applicability.DISPLAY_ONLY)


def markdown(module: RuleModule) -> str:
    """The whole page."""
    rule = module.RULE
    return docstrings.markdown(module, rule.name, f"{rule.code}, {rule.severity.value}. {docstrings.title(module)}")
