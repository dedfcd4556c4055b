"""What kept did in this process, in order; the report of `kept run` is made from it.

An operation that starts inside another one of the same thread belongs to it: it is neither recorded nor routed.
So kept may call Keras, which is routed through kept, without going round in circles.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from kept.proof import Proof
from kept.report import Failure
from kept.runtime.streams import name_of

__all__ = ["Entry", "clear", "entries", "operation", "record", "recorded", "under_way"]

Entry = Proof | Failure
_Save = TypeVar("_Save", bound=Callable[..., Proof])

_entries: list[Entry] = []
_depth: ContextVar[int] = ContextVar("kept_operation_depth", default=0)


def under_way() -> bool:
    """Whether the calling thread is inside an operation of kept."""
    return _depth.get() > 0


@contextmanager
def operation(path: str = "") -> Iterator[None]:
    """Marks the block as one operation of kept; an error that leaves it is recorded under `path`, if there is one."""
    outermost = not under_way()
    token = _depth.set(_depth.get() + 1)
    try:
        yield
    except Exception as error:
        if outermost and path:
            _entries.append(Failure.of(path, error))
        raise
    finally:
        _depth.reset(token)


def record(entry: Entry) -> None:
    """Adds what the operation under way has proved; only the outermost one is heard."""
    if _depth.get() <= 1:
        _entries.append(entry)


def recorded(save: _Save) -> _Save:
    """Makes every call of a function that saves a model to a place an operation that is recorded."""

    @functools.wraps(save)
    def recording(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Proof:
        with operation(name_of(filepath)):
            proof = save(model, filepath, *args, **kwargs)
            record(proof)
        return proof

    return cast(_Save, recording)


def entries() -> tuple[Entry, ...]:
    """Everything recorded since the process started or since `clear`."""
    return tuple(_entries)


def clear() -> None:
    """Forgets everything."""
    _entries.clear()
