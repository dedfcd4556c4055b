"""What the user has settled for every load: `[tool.kept]` of the project's pyproject.toml, and `KEPT_TRUSTED`.

The project is that of the script that runs, or of the working folder where no script runs.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import KeptError, shown

__all__ = ["Settings", "settings"]

_FILE = "pyproject.toml"
_VARIABLE = "KEPT_TRUSTED"


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds beside the arguments of a call.

    Attributes:
        trusted: Modules that may be imported, and `sha256:...` of embedded sources that may be run.
        renamed: Import path, registered name or bare name when saved -> import path now.
    """

    trusted: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def settings() -> Settings:
    """Reads what holds for this process now.

    Raises:
        KeptError: The project's file cannot be read, or says something else than is asked there.
    """
    named = tuple(filter(None, re.split(r"[\s,]+", os.environ.get(_VARIABLE, ""))))
    file = _project_file()
    if file is None:
        return Settings(named)
    table = _table(file)
    trusted, renamed = table.get("trusted", []), table.get("renamed", {})
    if not isinstance(trusted, list) or not all(isinstance(one, str) for one in trusted):
        raise KeptError(
            "not a list of names",
            path=file,
            where="tool.kept.trusted",
            expected='trusted = ["acme.layers", "sha256:..."]',
            found=shown(trusted),
        )
    if not isinstance(renamed, dict) or not all(isinstance(one, str) for one in renamed.values()):
        raise KeptError(
            "not a table of names",
            path=file,
            where="tool.kept.renamed",
            expected='"old.module:Old" = "new.module:New"',
            found=shown(renamed),
        )
    return Settings((*named, *trusted), renamed)


def _project_file() -> Path | None:
    for start in (_script_folder(), _working_folder()):
        for folder in (start, *start.parents) if start else ():
            if (folder / _FILE).is_file():
                return folder / _FILE
    return None


def _script_folder() -> Path | None:
    """The folder of the script; a tool of the Python environment (`kept`, `pytest`) belongs to no project."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not isinstance(file, str):
        return None
    script = Path(os.path.abspath(file))
    return None if script.is_relative_to(sys.prefix) else script.parent


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        return None


def _table(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            document = tomllib.load(stream)
    except (OSError, ValueError) as error:
        raise KeptError("cannot be read", path=file, found=str(error)) from error
    tool = document.get("tool")
    table = tool.get("kept") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}
