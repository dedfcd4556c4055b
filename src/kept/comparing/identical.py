"""Whether two files are the same to the byte, found out soon where they are not."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from kept.formats.source import Source

__all__ = ["identical"]

_STEP_NBYTES = 1 << 19


def identical(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> bool:
    """Whether two paths are one file, or two files of the same bytes; folders, unless they are one, are not looked at.

    The end is compared first: there kept and zip write what no two saves have in common.
    """
    paths = Path(a), Path(b)
    if os.path.samefile(*paths):
        return True
    if not all(path.is_file() for path in paths):
        return False
    with ExitStack() as open_files:
        one, other = (open_files.enter_context(Source(path)) for path in paths)
        if one.nbytes != other.nbytes:
            return False
        memory = [memoryview(bytearray(min(_STEP_NBYTES, one.nbytes))) for _ in paths]
        starts = range(0, one.nbytes, _STEP_NBYTES)
        for start in (*starts[-1:], *starts[:-1]):
            held = [piece[: one.nbytes - start] for piece in memory]
            one.read_into(start, held[0])
            other.read_into(start, held[1])
            if bytes(held[0]) != bytes(held[1]):
                return False
    return True
