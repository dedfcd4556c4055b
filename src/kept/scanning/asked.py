"""What is asked of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kept.limits import DEFAULT_LIMITS, Limits
from kept.rules import RuleModule, chosen

__all__ = ["Asked"]

_PACKAGES = ("security", "integrity")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a scan.

    Attributes:
        select: Names of rules, codes or beginnings of codes; empty for all rules.
        ignore: The same, for rules that are left out.
        trusted: Modules and `sha256:...` of embedded sources that need not be named.
        limits: The caps of the readers.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS

    def rules(self, packages: Sequence[str] = _PACKAGES) -> tuple[RuleModule, ...]:
        """The rules that are asked.

        Raises:
            KeptError: A word names no rule.
        """
        return tuple(
            module for package in packages for module in chosen(package, select=self.select, ignore=self.ignore)
        )
