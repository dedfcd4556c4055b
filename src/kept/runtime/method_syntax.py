"""The source of a method, parsed: what it assigns and hands on is read from there."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

__all__ = ["syntax"]


def syntax(method: Callable[..., Any]) -> ast.Module | None:
    """The parsed source of a function; None where there is none."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(method)))
    except (OSError, TypeError, SyntaxError):
        return None
