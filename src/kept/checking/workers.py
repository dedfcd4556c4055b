"""Reading and judging files in several processes, each of which keeps what it has parsed from one round to the next."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from kept.checking.options import Options
from kept.checking.share import Contents, Judgement, Share, prepare
from kept.errors import KeptError
from kept.source.outline import Outline

__all__ = ["judged", "worker_count"]

_FILES_PER_WORKER = 24  # fewer are read sooner than a process is started for them
_FILES_PER_MESSAGE = 16
Progress = Callable[[int], None]


def worker_count(file_count: int, jobs: int | None = None) -> int:
    """How many processes serve a number of files.

    A process with several threads is not forked, since a lock that another thread holds would stay locked in the copy.

    Args:
        file_count: How many files there are to judge.
        jobs: At most so many; one for each core when None.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = min(jobs or cores, max(file_count // _FILES_PER_WORKER, 1))
    return most if most > 1 and _may_fork() else 1


def judged(
    paths: Sequence[str],
    contents: Contents,
    options: Options,
    *,
    outlines: Mapping[str, Outline],
    unread: Collection[str] = (),
    workers: int = 1,
    progress: Progress = lambda count: None,
) -> tuple[Judgement, dict[str, Outline]]:
    """Reads and judges files.

    Args:
        paths: The files to judge.
        contents: Path -> what is in each file of the run.
        options: What is asked.
        outlines: Of files that need not be read for it.
        unread: Files that are neither judged nor outlined; they are read where a name leads to them.
        workers: In how many processes.
        progress: Is called with a number of files that were read or judged.

    Returns:
        What was found, and the outlines of all files, the same whatever the number of processes.
    """
    prepare(options)
    if workers == 1:
        share = Share(contents, options)
        every = _merged(outlines, share.read(paths, progress))
        return share.judge(paths, list(every.values()), unread, progress), every
    pool = [_Worker(part, contents, options) for part in _parts(paths, contents, workers)]
    try:
        every = _merged(outlines, [one for told in _told(pool, progress) for one in told])
        for worker in pool:
            worker.send((list(every.values()), unread))
        found = Judgement()
        for part in _told(pool, progress):
            found.findings.update(part.findings)
            found.failures.update(part.failures)
            for path, consulted in part.consulted.items():
                found.consulted.setdefault(path, set()).update(consulted)
        return found, every
    finally:
        for worker in pool:
            worker.close()


class _Worker:
    def __init__(self, paths: list[str], contents: Contents, options: Options) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, paths, contents, options), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, message: Any) -> None:
        try:
            self.connection.send(message)
        except OSError as error:
            raise self.dead() from error

    def dead(self) -> KeptError:
        self._process.join(1)
        return KeptError(
            "a process that checks files has died", found=f"exit code {self._process.exitcode}", hint="try --jobs 1"
        )

    def close(self) -> None:
        self.connection.close()
        self._process.terminate()
        self._process.join()
        self._process.close()


def _work(connection: Connection, paths: list[str], contents: Contents, options: Options) -> None:
    gc.disable()  # syntax trees are many objects, hardly any of which dies before the process
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        if done >= _FILES_PER_MESSAGE:
            connection.send(done)
            done = 0

    try:
        share = Share(contents, options)
        connection.send([share.read(paths, progress)])
        outlines, unread = connection.recv()
        connection.send([share.judge(paths, outlines, unread, progress)])
    except (EOFError, OSError, KeyboardInterrupt):  # who asked is no longer there
        os._exit(1)
    os._exit(0)


def _told(pool: Sequence[_Worker], progress: Progress) -> list[Any]:
    """What each worker answers, in their order; numbers of files are progress."""
    answers: dict[int, Any] = {}
    while len(answers) < len(pool):
        open_ones = {one.connection: index for index, one in enumerate(pool) if index not in answers}
        for ready in wait(list(open_ones)):
            index = open_ones[ready]  # type: ignore[index]
            try:
                told = pool[index].connection.recv()
            except (EOFError, OSError) as error:
                raise pool[index].dead() from error
            if isinstance(told, int):
                progress(told)
            else:
                answers[index] = told[0]
    return [answers[index] for index in range(len(pool))]


def _parts(paths: Sequence[str], contents: Contents, count: int) -> list[list[str]]:
    """The files in shares of about the same size."""
    parts: list[list[str]] = [[] for _ in range(count)]
    loads = [0] * count
    for path in sorted(paths, key=lambda one: (-_size(contents[one]), one)):
        least = loads.index(min(loads))
        parts[least].append(path)
        loads[least] += _size(contents[path]) + 500
    return parts


def _size(content: bytes | OSError) -> int:
    return 0 if isinstance(content, OSError) else len(content)


def _merged(known: Mapping[str, Outline], read: Sequence[Outline]) -> dict[str, Outline]:
    every = {**known, **{outline.path: outline for outline in read}}
    return {path: every[path] for path in sorted(every)}


def _may_fork() -> bool:
    if "fork" not in multiprocessing.get_all_start_methods() or sys.platform == "darwin":
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False
