"""JAX: arrays on the CPU lie in the memory of the numpy array that they were made from, if that is aligned."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np

__all__ = ["IN_PLACE", "adopt", "eagerly", "view"]

IN_PLACE = False


def view(tensor: Any) -> np.ndarray[Any, Any] | None:
    """The values where all of them are on this machine; None for what is no plain array."""
    if isinstance(tensor, jax.Array) and tensor.is_fully_addressable:
        return np.asarray(tensor)
    return None


def adopt(array: np.ndarray[Any, Any]) -> Any:
    """An array on the default device; on the CPU without a copy from 64-byte boundaries."""
    return jax.device_put(array)


def eagerly() -> AbstractContextManager[Any]:
    """Outside of a trace."""
    found: AbstractContextManager[Any] = jax.ensure_compile_time_eval()
    return found
