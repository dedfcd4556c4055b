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

__all__ = ["RuleModule", "chosen", "is_named", "judge", "packages", "require_known", "rules"]


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
    require_known((*select, *ignore))
    return tuple(
        module
        for module in rules(package)
        if (not select or any(is_named(module.RULE, word) for word in select))
        and not any(is_named(module.RULE, word) for word in ignore)
    )


def judge(subject: Any, modules: Iterable[RuleModule]) -> tuple[Finding, ...]:
    """Every finding of some rules on a subject, one per cause, in the order of the rules."""
    return tuple(merged(finding for module in modules for finding in module.check(subject)))


def require_known(words: Collection[str]) -> None:
    """Passes if each word is the name of a rule of any package, its code or the beginning of codes.

    Raises:
        KeptError: A word names no rule.
    """
    every = [module.RULE for name in packages() for module in rules(name)] if words else []
    for word in words:
        if not any(is_named(rule, word) for rule in every):
            raise _unknown(word, every)


def is_named(rule: Rule, word: str) -> bool:
    """Whether a word is the name of a rule, its code or the beginning of its code."""
    return word == rule.name or (word.upper().startswith("KPT") and rule.code.startswith(word.upper()))


def _unknown(word: str, known: list[Rule]) -> KeptError:
    close = difflib.get_close_matches(word, [name for rule in known for name in (rule.name, rule.code)], n=1)
    return KeptError(
        f"no rule is called {word!r}",
        expected="a name such as rebuild-differs, a code, or the beginning of codes",
        hint=f"did you mean {close[0]}?" if close else "docs/index.md lists the rules",
    )
