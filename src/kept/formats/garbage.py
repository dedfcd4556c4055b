"""Times in which Python does not look for circles of objects: where all that is made stays, or where it must not be.

It may happen in any thread, and gives objects of h5py back there, which waits for whoever is in HDF5.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]

_lock = threading.Lock()
_inside = 0
_was_enabled = False


@contextmanager
def uncollected() -> Iterator[None]:
    """No circles are looked for meanwhile, in no thread; a caller who looks for none at all goes on so."""
    global _inside, _was_enabled
    with _lock:
        if not _inside:
            _was_enabled = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _was_enabled:
                gc.enable()
