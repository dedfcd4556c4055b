"""A progress bar on stderr for what takes longer than a second; nothing where no terminal is there."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["progress_bar"]

_PATIENCE_S = 1.0


@contextmanager
def progress_bar(message: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that is told how much is done, and of how much.

    Args:
        message: What is going on.
        quiet: Whether to show nothing.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    began = time.monotonic()
    shown: list[Progress] = []
    with ExitStack() as stack:

        def progress(done: int, total: int) -> None:
            if not shown and time.monotonic() - began > _PATIENCE_S:
                shown.append(stack.enter_context(_bar()))
                shown[0].add_task(message, total=total)
            if shown:
                shown[0].update(shown[0].task_ids[0], completed=done, total=total)

        yield progress


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, console=Console(stderr=True), transient=True)
