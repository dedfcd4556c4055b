"""What each backend does its own way with the memory of tensors: one module per backend, found by its name.

A module here has `view(value)`, which shows a tensor as a numpy array, `adopt(array)`, which makes a tensor of one,
`eagerly()`, in which values are made and not traced, and `IN_PLACE`, whether tensors of the backend change in place.
"""

from __future__ import annotations

import importlib
import importlib.util
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any

import keras
import numpy as np

__all__ = ["adopt", "as_array", "eagerly", "owned", "view"]


@cache
def _module(backend: str) -> ModuleType | None:
    name = f"{__name__}.{backend}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def view(value: Any) -> np.ndarray[Any, Any]:
    """A tensor or variable as a numpy array, without a copy where the backend allows it.

    Args:
        value: Of Keras or of the backend.

    Returns:
        The values; they may change with the variable, and must not be written to.
    """
    module = _module(keras.backend.backend())
    tensor = value.value if isinstance(value, keras.Variable) else value
    seen = module.view(tensor) if module is not None else None
    return np.asarray(keras.ops.convert_to_numpy(tensor)) if seen is None else seen


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """A variable or tensor of any backend as a numpy array, without a copy where the backend allows it."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
        return view(value)
    if hasattr(value, "detach"):
        return np.asarray(value.detach().cpu().numpy())
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


def adopt(array: np.ndarray[Any, Any]) -> Any:
    """A tensor that takes over the memory of an array, where the backend can; else one copy, which the backend makes.

    Args:
        array: Nobody else may write to it from now on. Its dtype is kept, except for 64 bits on JAX.

    Returns:
        A tensor of the backend; the array itself where the backend has no such dtype.
    """
    module = _module(keras.backend.backend())
    return array if module is None else module.adopt(array)


def owned(tensor: Any) -> Any:
    """The tensor, or a copy of it where tensors change in place: whoever else holds it sees no change of the other."""
    module = _module(keras.backend.backend())
    return tensor.detach().clone() if module is not None and module.IN_PLACE else tensor


def eagerly() -> AbstractContextManager[Any]:
    """A context in which values are made at once, also amid the tracing of a function."""
    module = _module(keras.backend.backend())
    found: AbstractContextManager[Any] = nullcontext() if module is None else module.eagerly()
    return found
