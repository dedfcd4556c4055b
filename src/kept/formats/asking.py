"""Calls that wait for somebody else, made several at once and given up when nothing is answered any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from .garbage import uncollected

__all__ = ["Asking"]

T = TypeVar("T")


class Asking:
    """Makes calls in threads. One that does not come back is left behind, and does not keep the process from ending.

    Args:
        count: How many calls at a time.
        seconds: How long nothing at all may be answered.
    """

    def __init__(self, count: int, seconds: float) -> None:
        self._count, self._seconds = count, seconds
        self._slots = threading.Semaphore(count)
        self._answered = 0.0

    def all(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """What the calls return, in their order; the error of the first that fails.

        Raises:
            TimeoutError: Nothing was answered for too long, neither here nor to another thread that asks.
        """
        with uncollected():  # HDF5, which asks for bytes, would wait for a thread that waits for HDF5
            return self._all(_Batch(calls))

    def _all(self, batch: _Batch[T]) -> list[T]:
        for _ in range(min(self._count, len(batch.calls))):
            threading.Thread(target=self._work, args=(batch,), name="kept-asking", daemon=True).start()
        results: dict[int, T] = {}
        began = time.monotonic()
        try:
            while len(results) < len(batch.calls):
                index, result, error = self._next(batch, began)
                if error is not None:
                    raise error
                results[index] = result
        finally:
            batch.over.set()
        return [results[index] for index in range(len(batch.calls))]

    def _next(self, batch: _Batch[T], began: float) -> tuple[int, T, BaseException | None]:
        while True:
            until = max(began, self._answered) + self._seconds
            try:
                return batch.ended.get(timeout=max(until - time.monotonic(), 0))
            except Empty:
                if self._answered + self._seconds <= until:
                    raise TimeoutError from None

    def _work(self, batch: _Batch[Any]) -> None:
        while not batch.over.is_set():
            try:
                index = batch.waiting.get_nowait()
            except Empty:
                return
            try:
                with self._slots:
                    result = batch.calls[index]()
                self._answered = time.monotonic()
                batch.ended.put((index, result, None))
            except BaseException as error:
                batch.over.set()
                batch.ended.put((index, None, error))


class _Batch(Generic[T]):
    """Calls made together.

    Attributes:
        calls: All of them.
        waiting: Numbers of those that nobody has made yet.
        ended: Number, result and error of those that are done.
        over: Set when no more of them are to be made.
    """

    def __init__(self, calls: Sequence[Callable[[], T]]) -> None:
        self.calls = calls
        self.waiting: SimpleQueue[int] = SimpleQueue()
        self.ended: SimpleQueue[tuple[int, T, BaseException | None]] = SimpleQueue()
        self.over = threading.Event()
        for index in range(len(calls)):
            self.waiting.put(index)
