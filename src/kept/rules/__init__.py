"""Judgement: what is wrong with a subject. One rule is one module, found by looking; no rule imports Keras.

A package in here holds the rules for one kind of subject. A module in it has a docstring, which is the rule's page, a
`RULE`, and a `check(subject)` that yields findings.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, Protocol, cast

from kept.errors import KeptError
from kept.findings import Finding, Rule, merged

__all__ = ["RuleModule", "chosen", "judge", "packages", "rules"]


class RuleModule(Protocol):
    """What a module of a rule has."""

    __doc__: str | None
    __name__: str
    RULE: Rule

    def check(self, subject: Any, /) -> Iterator[Finding]:
        """Yields what is wrong with the subject."""


def packages() -> list[str]:
    """Names of the packages of rules: `live`, ..."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)


@cache
def rules(package: str) -> tuple[RuleModule, ...]:
    """The rules of one package, in the order of their codes."""
    home = importlib.import_module(f"{__name__}.{package}")
    names = [found.name for found in pkgutil.iter_modules(home.__path__) if not found.name.startswith("_")]
    modules = [cast(RuleModule, importlib.import_module(f"{home.__name__}.{name}")) for name in names]
    return tuple(sorted(modules, key=lambda module: module.RULE.code))


def chosen(package: str, *, select: Collection[str] = (), ignore: Collection[str] = ()) -> tuple[RuleModule, ...]:
    """The rules of a package that are asked.

    Args:
        package: Name of the package.
        select: Names of rules, codes or beginnings of codes; empty for all rules.
        ignore: The same, for rules that are left out.

    Raises:
        KeptError: A word in `select` or `ignore` names no rule of any package.
    """
    every = [module for name in packages() for module in rules(name)]
    for word in (*select, *ignore):
        if not any(_names(word, module.RULE) for module in every):
            raise _unknown(word, [module.RULE for module in every])
    return tuple(
        module
        for module in rules(package)
        if (not select or any(_names(word, module.RULE) for word in select))
        and not any(_names(word, module.RULE) for word in ignore)
    )


def judge(subject: Any, modules: Iterable[RuleModule]) -> tuple[Finding, ...]:
    """Every finding of some rules on a subject, one per cause, in the order of the rules."""
    return tuple(merged(finding for module in modules for finding in module.check(subject)))


def _names(word: str, rule: Rule) -> bool:
    return word == rule.name or (word.upper().startswith("KPT") and rule.code.startswith(word.upper()))


def _unknown(word: str, known: list[Rule]) -> KeptError:
    close = difflib.get_close_matches(word, [name for rule in known for name in (rule.name, rule.code)], n=1)
    return KeptError(
        f"no rule is called {word!r}",
        expected="a name such as rebuild-differs, a code, or the beginning of codes",
        hint=f"did you mean {close[0]}?" if close else "docs/index.md lists the rules",
    )
