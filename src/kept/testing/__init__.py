"""What kept is tested with, for those who add to it; pytest is imported only when a name here is used."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["FormatTests"]

_MODULES = {"FormatTests": "format_tests"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import pytest

    module = f"{__name__}.{_MODULES[name]}"
    pytest.register_assert_rewrite(module)
    return getattr(importlib.import_module(module), name)
