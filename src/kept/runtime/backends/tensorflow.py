"""TensorFlow: tensors on the CPU take over memory through DLPack, if it lies at a multiple of 64 bytes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import tensorflow as tf

__all__ = ["IN_PLACE", "adopt", "eagerly", "view"]

IN_PLACE = False

# Eigen computes with aligned loads; what is not aligned ends the process.
_ALIGNMENT = 64


def view(tensor: Any) -> np.ndarray[Any, Any] | None:
    """The values of an eager tensor or variable of one device; None for any other."""
    if isinstance(tensor, tf.Variable):
        tensor = tensor.value()
    if not tf.is_tensor(tensor) or not hasattr(tensor, "numpy") or "CPU" not in getattr(tensor, "device", ""):
        return None
    try:
        return np.asarray(memoryview(tensor))
    except (TypeError, ValueError, BufferError):  # a dtype that buffers do not have
        return None


def adopt(array: np.ndarray[Any, Any]) -> Any:
    """A tensor in the array's memory, or one with a copy of it."""
    aligned = array.ctypes.data % _ALIGNMENT == 0 and array.flags.c_contiguous
    if aligned and array.nbytes and array.dtype.kind in "biufc":
        try:
            return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
        except (BufferError, RuntimeError, tf.errors.OpError):
            pass
    return tf.convert_to_tensor(array)


def eagerly() -> AbstractContextManager[Any]:
    """Outside of a function's graph."""
    found: AbstractContextManager[Any] = tf.init_scope()
    return found
