"""What one action takes: seconds, and the most memory at once, by the operating system's account."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Taken", "measured"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What an action took.

    Attributes:
        seconds: Wall time.
        grown_bytes: By how much the resident memory of the process exceeded, at its peak, that just before the action;
            pages of mapped files count. None where the system does not tell.
    """

    seconds: float
    grown_bytes: int | None


def measured(action: Callable[[], Any]) -> tuple[Any, Taken]:
    """Calls an action once. Everything written before is on the disk, and freed memory is the system's again."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    os.sync()
    before = _peak(reset=True)
    began = time.perf_counter()
    result = action()
    seconds = time.perf_counter() - began
    after = _peak()
    return result, Taken(seconds, None if before is None or after is None else after - before)


def _peak(*, reset: bool = False) -> int | None:
    """The largest resident memory of this process so far, in bytes (man 5 proc: VmHWM, and 5 to clear_refs)."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
