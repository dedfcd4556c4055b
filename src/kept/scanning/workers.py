"""Processes that judge one file after the other, and can be ended."""

from __future__ import annotations

import json
import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from typing import TYPE_CHECKING, Any

from kept.report import Scanned

if TYPE_CHECKING:
    from kept.scanning.asked import Asked

__all__ = ["Worker", "may_be_several", "ready", "serve"]

_GIB = 1 << 30
_SERVE = "import sys; sys.path[:] = {path!r}; from kept.scanning.workers import serve; serve({fd})"


class Worker:
    """One process. Where this one has a single thread it is a copy of it, which is there at once; else a new Python.

    Args:
        asked: What is asked about each file.
    """

    def __init__(self, asked: Asked) -> None:
        self.path: str | None = None
        self.is_dead = False
        self._until = 0.0
        self._limits = asked.limits
        self._connection, theirs = Pipe()
        self._started: subprocess.Popen[bytes] | None = None
        with theirs:
            if _has_one_thread():
                self._pid = os.fork()
                if self._pid == 0:
                    self._connection.close()
                    _serve(theirs)
            else:
                code = _SERVE.format(path=sys.path, fd=theirs.fileno())
                self._started = subprocess.Popen(
                    [sys.executable, "-c", code], stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
                )
                self._pid = self._started.pid
        self._send(pickle.dumps(asked))

    def judge(self, path: str) -> None:
        """Hands a file over."""
        self.path = path
        self._until = time.monotonic() + self._limits.scan_seconds * (1 + _size(path) / _GIB)
        self._send(os.fsencode(path))

    def _send(self, message: bytes) -> None:
        with suppress(OSError):  # one that has died is found when its answer is waited for
            self._connection.send_bytes(message)

    @property
    def connection(self) -> Connection[Any, Any]:
        """What has something to read when an answer, or the end, is there."""
        return self._connection

    @property
    def remaining(self) -> float:
        """Seconds until the file has taken too long."""
        return self._until - time.monotonic()

    def answer(self) -> Scanned | str:
        """What was found, or why nothing could be."""
        try:
            return Scanned.from_dict(json.loads(self._connection.recv_bytes()))
        except (EOFError, OSError):
            return f"the process that judged it has died{self._how()}"

    def give_up(self) -> str:
        """Ends the process and says why."""
        seconds = self._limits.scan_seconds * (1 + _size(self.path or "") / _GIB)
        self.end()
        return f"judging it took longer than {seconds:.0f} s"

    def _how(self) -> str:
        code = self.end()
        return f", by signal {-code}" if code < 0 else f", with exit code {code}"

    def end(self) -> int:
        """Ends the process; returns how it ended."""
        if self.is_dead:
            return 0
        self.is_dead = True
        self._connection.close()
        if self._started is not None:
            with suppress(subprocess.TimeoutExpired):
                return self._started.wait(0.05)
            self._started.kill()
            return self._started.wait()
        for _ in range(5):
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.001)
        os.kill(self._pid, 9)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def ready(pool: Sequence[Worker]) -> Iterator[tuple[Worker, Scanned | str]]:
    """The workers that have an answer, or have taken too long; waits until there is one."""
    busy = {one.connection: one for one in pool if one.path is not None}
    if not busy:
        return
    answered = wait(list(busy), max(0.0, min(one.remaining for one in busy.values())))
    for connection in answered:
        worker = busy[connection]  # type: ignore[index]
        yield worker, worker.answer()
    for worker in busy.values():
        if worker.path is not None and not worker.is_dead and worker.remaining <= 0:
            yield worker, worker.give_up()


def serve(fd: int) -> None:
    """What a new Python does; called by nobody else."""
    _serve(Connection(fd))


def _serve(connection: Connection[Any, Any]) -> None:
    try:
        from kept.scanning.run import scan_file

        asked: Asked = pickle.loads(connection.recv_bytes())
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (asked.limits.scan_bytes, asked.limits.scan_bytes))
        while True:
            found = scan_file(os.fsdecode(connection.recv_bytes()), asked)
            connection.send_bytes(json.dumps(found.to_dict()).encode())
    except (EOFError, OSError, KeyboardInterrupt):  # who asked is no longer there
        os._exit(1)
    except BaseException:  # told by the exit code; a traceback in the middle of a report helps nobody
        os._exit(3)


def may_be_several() -> int:
    """How many processes this machine runs at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _has_one_thread() -> bool:
    """A process with several is not copied: a lock that another thread holds would stay locked in the copy."""
    if sys.platform == "darwin" or not hasattr(os, "fork"):
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
