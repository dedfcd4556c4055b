"""What the user has settled for every load: `[tool.kept]` of the project's pyproject.toml, and `KEPT_TRUSTED`.

The project is that of the script that runs, or of the working folder where no script runs.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..settings import nearest_project, project_settings

__all__ = ["Settings", "settings"]

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
    project = project_settings(nearest_project(filter(None, (_script_folder(), _working_folder()))))
    return Settings((*named, *project.trusted), project.renamed)


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
