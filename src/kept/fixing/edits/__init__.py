"""What mends each rule's findings: the module named like the rule, found by looking.

Such a module has `mend(source, finding)`, which asks `source` for changes or raises `Unmendable`. The rule says what
the change promises.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Protocol, cast

from kept.findings import Finding

__all__ = ["Fixer", "fixers"]


class Fixer(Protocol):
    """What a module of an edit has."""

    def mend(self, source: object, finding: Finding, /) -> None:
        """Asks for the changes that mend a finding."""


@cache
def fixers() -> Mapping[str, Fixer]:
    """Name of a rule -> its edit."""
    found: dict[str, Fixer] = {}
    for one in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{one.name}")
        found[one.name.replace("_", "-")] = cast(Fixer, module)
    return found
