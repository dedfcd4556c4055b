"""What a caller asks of a scan, with what the project has settled."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Any

from kept.limits import DEFAULT_LIMITS, Limits
from kept.report import Scan
from kept.scanning.asked import Asked
from kept.scanning.sweep import scan_paths
from kept.settings import nearest_project, project_settings

__all__ = ["scan"]


def scan(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    strict: bool = False,
    trusted: Collection[str] = (),
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    **how: Any,
) -> Scan:
    """See `kept.scan`; `[tool.kept] trusted` and `KEPT_TRUSTED` are trusted as by `kept.load`."""
    settled = project_settings(nearest_project([os.getcwd()])).trusted
    named = os.environ.get("KEPT_TRUSTED", "").replace(",", " ").split()
    asked = Asked(_words(select), _words(ignore), (*_words(trusted), *settled, *named), limits)
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return scan_paths(given, asked, strict=strict, **how)


def _words(given: Collection[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
