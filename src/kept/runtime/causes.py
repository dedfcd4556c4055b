"""The innermost reason in what Keras raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import (
    KeptError,
    MismatchError,
)

__all__ = ["cause_of", "explaining", "raised"]


@contextmanager
def explaining(what: str) -> Iterator[None]:
    """Turns what Keras raises from user code into one sentence with the innermost cause."""
    try:
        yield
    except KeptError:
        raise
    except Exception as error:
        raise MismatchError(what, found=cause_of(error)) from error


def cause_of(error: BaseException) -> str:
    """The innermost reason in one of Keras's nested messages."""
    text = str(error)
    for mark in ("Exception encountered:", "Error encountered during deserialization:", "Error encountered:"):
        text = text.rpartition(mark)[2] if mark in text else text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:300] if lines else ''}"


def raised(error: BaseException) -> str:
    """An exception by its class and the first line of what it says."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first[:300]}"
