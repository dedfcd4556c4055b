"""Many files judged by several processes, each of which is ended when one file takes it too long."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence

from kept.errors import LimitExceededError
from kept.report import Scan, Scanned
from kept.scanning.asked import Asked
from kept.scanning.targets import targets
from kept.scanning.verdicts import given_up
from kept.scanning.workers import Worker, may_be_several, ready

__all__ = ["scan_paths"]

_FILES_PER_WORKER = 16
Progress = Callable[[int, int], None]


def scan_paths(
    paths: Iterable[str | os.PathLike[str]],
    asked: Asked | None = None,
    *,
    strict: bool = False,
    jobs: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Scan:
    """Judges every model that some paths name or hold; a path that is no folder is always judged.

    Args:
        paths: Files and folders.
        asked: What is asked; everything when None.
        strict: Whether notes and skipped files count.
        jobs: Processes at most; one for each core when None. 0 judges here, without a time limit.
        progress: Is called with how many files were judged, and of how many.

    Raises:
        KeptError: Nothing is at one of the paths, or a rule has no such name.
    """
    asked = asked or Asked()
    asked.rules()
    began = time.perf_counter()
    files = targets(os.fspath(path) for path in paths)
    found = _here(files, asked, progress) if jobs == 0 else _by_workers(files, asked, jobs, progress)
    return Scan(tuple(found), time.perf_counter() - began, strict)


def _here(files: Sequence[str], asked: Asked, progress: Progress) -> list[Scanned]:
    from kept.scanning.run import scan_file

    found = []
    for path in files:
        found.append(scan_file(path, asked))
        progress(len(found), len(files))
    return found


def _by_workers(files: Sequence[str], asked: Asked, jobs: int | None, progress: Progress) -> list[Scanned]:
    waiting = list(reversed(files))
    found: dict[str, Scanned] = {}
    count = min(jobs or may_be_several(), max(1, len(files) // _FILES_PER_WORKER))
    pool: list[Worker] = []
    try:
        while waiting or any(one.path is not None for one in pool):
            pool = [one for one in pool if not one.is_dead]
            while waiting and len(pool) < count:
                pool.append(Worker(asked))
            for worker in pool:
                if worker.path is None and waiting:
                    worker.judge(waiting.pop())
            for worker, told in ready(pool):
                path, worker.path = worker.path, None
                assert path is not None
                found[path] = told if isinstance(told, Scanned) else given_up(path, LimitExceededError(told), asked)
                progress(len(found), len(files))
    finally:
        for worker in pool:
            worker.end()
    return [found[path] for path in files]
