"""How many threads at a time work on one file: more than a few only wait for memory and disk."""

from __future__ import annotations

import os

__all__ = ["THREAD_COUNT"]

THREAD_COUNT = min(4, os.cpu_count() or 1)
