"""What a word on the command line, or the argument of `kept.check`, names: source, or a live model."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable
from typing import Any

from kept.errors import KeptWarning
from kept.report import Check
from kept.source.files import STDIN

__all__ = ["check_paths", "check_text", "is_source", "source_paths"]


def is_source(target: str) -> bool:
    """Whether a word names source: what exists as a file or folder does, and so does what can only be meant as one.

    `train.py` is source, `train.py:build_model` and `shop.models:build` are live models.
    """
    if target == STDIN or os.path.exists(target):
        return True
    return ":" not in target and (target.endswith((".py", ".ipynb")) or os.sep in target)


def source_paths(target: Any) -> list[str] | None:
    """The paths that the argument of `kept.check` names; None where it is a model or the name of one."""
    if isinstance(target, str):
        return [target] if is_source(target) else None
    if isinstance(target, os.PathLike):
        return [os.fspath(target)]
    if isinstance(target, (list, tuple, set, frozenset)) and all(isinstance(one, (str, os.PathLike)) for one in target):
        return [os.fspath(one) for one in target]
    return None


def check_paths(paths: Iterable[str], select: Collection[str], ignore: Collection[str]) -> Check:
    """Judges files and folders as the command line does; what a rule could not do is a warning."""
    from kept.checking.options import Options
    from kept.checking.sweep import check_sources

    paths = list(paths)
    sweep = check_sources(paths, Options.of(paths, select=select, ignore=ignore))
    for failure in sweep.failures:
        warnings.warn(f"{failure.path}: {failure.message}: {failure.problems[0].found}", KeptWarning, stacklevel=4)
    return sweep.check


def check_text(text: str, select: Collection[str], ignore: Collection[str]) -> Check:
    """Judges a text as if it were a file in the working folder."""
    from kept.checking.options import Options
    from kept.checking.sweep import check_sources

    options = Options.of((), select=select, ignore=ignore)
    return check_sources((), options, texts={STDIN: text.encode(errors="surrogatepass")}, remember=False).check
