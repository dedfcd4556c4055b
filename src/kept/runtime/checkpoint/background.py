"""One piece of work at a time beside the training."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Background"]


class Background:
    """Does work in a thread. What it raises is raised by the next `check` or `wait`.

    The interpreter does not end before the work has ended.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Begins; waits for the work before, if it has not ended yet."""
        self.wait()
        self._thread = threading.Thread(target=self._run, args=(work,), name="kept-checkpoint")
        self._thread.start()

    def check(self) -> None:
        """Raises what the work has raised, if it has ended."""
        if self._thread is not None and not self._thread.is_alive():
            self.wait()

    def wait(self) -> None:
        """Waits for the work to end, and raises what it has raised."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._error = error
            if not threading.main_thread().is_alive():  # nobody will ask any more: Python prints it
                raise
