"""What is asked of a check: which rules, for which files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kept.rules import RuleModule, chosen, is_named, require_known
from kept.settings import ProjectSettings, nearest_project, project_settings
from kept.source.files import matcher

__all__ = ["Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a project has settled and a caller has asked.

    Attributes:
        root: Folder of the project, which patterns are relative to.
        select: Rules that are asked; empty for all.
        ignore: Rules that are not asked.
        per_file_ignores: Pattern of paths -> rules that are not asked there.
        exclude: Patterns of paths that are not checked.
        keras_version: The Keras that the source is written for; empty for the newest that is known.
    """

    root: str = "."
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    keras_version: str = ""

    @classmethod
    def of(
        cls,
        paths: Iterable[str],
        *,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
        per_file_ignores: Mapping[str, tuple[str, ...]] | None = None,
        exclude: Iterable[str] = (),
    ) -> Options:
        """What holds for some paths: `[tool.kept]` of the project that they are in, and what the caller adds.

        The project is that of the folder which holds all the paths, else that of the working folder. `select` takes the
        place of what the project says, the others are added to it.

        Raises:
            KeptError: The pyproject.toml cannot be read, or says something else than is asked there.
        """
        file = nearest_project([_shared_folder(paths), os.getcwd()])
        settled = project_settings(file)
        return cls(
            str(file.parent) if file is not None and settled != ProjectSettings() else os.getcwd(),
            tuple(select) or settled.select,
            (*settled.ignore, *ignore),
            _joined(settled.per_file_ignores, per_file_ignores or {}),
            (*settled.exclude, *exclude),
            settled.keras_version,
        )

    def rules(self, package: str = "source") -> tuple[RuleModule, ...]:
        """The rules of a package that are asked.

        Raises:
            KeptError: A word names no rule.
        """
        require_known([word for words in self.per_file_ignores.values() for word in words])
        return chosen(package, select=self.select, ignore=self.ignore)

    def rules_for(self, path: str, rules: tuple[RuleModule, ...]) -> tuple[RuleModule, ...]:
        """Those of the rules that are asked of one file."""
        words = [
            word
            for pattern, ignored in self.per_file_ignores.items()
            if matcher([pattern], self.root)(path)
            for word in ignored
        ]
        return tuple(rule for rule in rules if not any(is_named(rule.RULE, word) for word in words)) if words else rules

    def to_dict(self) -> dict[str, Any]:
        """The options as JSON-able data."""
        return {
            "root": self.root, "select": self.select, "ignore": self.ignore, "exclude": self.exclude,
            "per_file_ignores": dict(self.per_file_ignores), "keras_version": self.keras_version,
        }  # fmt: skip


def _shared_folder(paths: Iterable[str]) -> str:
    places = [os.path.abspath(path) for path in paths if path]
    if not places:
        return os.getcwd()
    try:
        shared = os.path.commonpath(places)
    except ValueError:
        return os.getcwd()
    return shared if os.path.isdir(shared) else os.path.dirname(shared)


def _joined(one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {pattern: (*one.get(pattern, ()), *other.get(pattern, ())) for pattern in {**one, **other}}
