"""`[tool.kept]` of a pyproject.toml: what a project has settled for every check and every load."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import KeptError, shown

__all__ = ["ProjectSettings", "nearest_project", "project_settings"]

_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """What the table says; each attribute is a key, with a dash for each underscore.

    Attributes:
        trusted: Modules that may be imported for a file, and `sha256:...` of embedded sources that may be run.
        renamed: Import path, registered name or bare name when saved -> import path now.
        select: Rules that are asked, by name, code or beginning of codes; empty for all.
        ignore: Rules that are not asked.
        per_file_ignores: Pattern of paths -> rules that are not asked there.
        exclude: Patterns of paths that are not checked.
        keras_version: The Keras that the source is written for; empty for the newest that is known.
    """

    trusted: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    keras_version: str = ""


def nearest_project(starts: Iterable[str | os.PathLike[str]]) -> Path | None:
    """The first pyproject.toml in one of the folders or above it; the folders are asked in turn."""
    for start in map(Path, starts):
        for folder in (start, *start.parents):
            if (folder / _FILE).is_file():
                return folder / _FILE
    return None


def project_settings(file: Path | None) -> ProjectSettings:
    """Reads `[tool.kept]` of one pyproject.toml; where there is no file or no table, nothing is settled.

    Raises:
        KeptError: The file cannot be read, has a key that is not known, or says something else than is asked there.
    """
    table = _table(file) if file is not None else {}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(_KEYS)}"
            raise KeptError("there is no such setting", path=file, where=f"tool.kept.{key}", hint=hint)
        what, expected, read = _KEYS[key]
        try:
            values[key.replace("-", "_")] = read(value)
        except TypeError:
            raise KeptError(
                f"not {what}", path=file, where=f"tool.kept.{key}", expected=expected, found=shown(value)
            ) from None
    return ProjectSettings(**values)


def _table(file: Path) -> dict[str, Any]:
    import tomllib  # most projects have no such file

    try:
        with file.open("rb") as stream:
            document = tomllib.load(stream)
    except (OSError, ValueError, RecursionError) as error:
        raise KeptError("cannot be read", path=file, found=str(error)) from error
    tool = document.get("tool")
    table = tool.get("kept") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(one) for one in value)


def _renamed(value: Any) -> dict[str, str]:
    return {key: _text(one) for key, one in _dict(value).items()}


def _patterns(value: Any) -> dict[str, tuple[str, ...]]:
    return {key: _names(one) for key, one in _dict(value).items()}


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


_KEYS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "trusted": ("a list of names", 'trusted = ["acme.layers", "sha256:..."]', _names),
    "renamed": ("a table of names", '"old.module:Old" = "new.module:New"', _renamed),
    "select": ("a list of rules", 'select = ["KPT1"]', _names),
    "ignore": ("a list of rules", 'ignore = ["init-without-kwargs"]', _names),
    "per-file-ignores": ("a table of lists of rules", '"tests/*" = ["local-class"]', _patterns),
    "exclude": ("a list of patterns", 'exclude = ["generated", "src/old/*.py"]', _names),
    "keras-version": ("a version", 'keras-version = "3.10"', _text),
}
