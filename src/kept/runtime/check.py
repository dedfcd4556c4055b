"""Checking: examine a live model, and let the rules judge what was seen."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from ..report import Check
from ..rules import chosen, judge
from .examine import examine
from .model_target import model_from

__all__ = ["check"]


def check(model: Any, *, select: Collection[str] = (), ignore: Collection[str] = ()) -> Check:
    """See `kept.check`."""
    began = time.monotonic()
    modules = chosen("live", select=select, ignore=ignore)
    subject = model if isinstance(model, str) else f"{type(model).__name__} {getattr(model, 'name', '')!r}"
    examined = examine(model_from(model) if isinstance(model, str) else model)
    return Check(subject, judge(examined, modules), time.monotonic() - began)
