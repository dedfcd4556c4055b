"""Torch: tensors on the CPU and numpy arrays share memory in both directions."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import ml_dtypes
import numpy as np
import torch

__all__ = ["IN_PLACE", "adopt", "eagerly", "view"]

IN_PLACE = True

# numpy has these only through ml_dtypes, which Torch does not know: their bits travel as integers.
_AS_BITS = {
    torch.bfloat16: (torch.int16, ml_dtypes.bfloat16),
    torch.float8_e4m3fn: (torch.uint8, ml_dtypes.float8_e4m3fn),
    torch.float8_e5m2: (torch.uint8, ml_dtypes.float8_e5m2),
}
_FROM_BITS = {np.dtype(found): (bits, name) for name, (bits, found) in _AS_BITS.items()}


def view(tensor: Any) -> np.ndarray[Any, Any] | None:
    """The values; None for what is no dense tensor."""
    if not isinstance(tensor, torch.Tensor) or tensor.layout is not torch.strided or tensor.is_meta:
        return None
    held = tensor.detach().cpu().resolve_conj().resolve_neg()
    bits, found = _AS_BITS.get(held.dtype, (None, None))
    array: np.ndarray[Any, Any] = held.numpy() if bits is None else held.contiguous().view(bits).numpy().view(found)
    return array


def adopt(array: np.ndarray[Any, Any]) -> Any:
    """A tensor on the CPU in the array's memory; the array where Torch has no such dtype."""
    if array.dtype in _FROM_BITS:
        bits, name = _FROM_BITS[array.dtype]
        return torch.from_numpy(array.view(str(bits).removeprefix("torch."))).view(name)
    try:
        return torch.from_numpy(array)
    except TypeError:
        return array


def eagerly() -> AbstractContextManager[Any]:
    """Torch always computes at once."""
    return nullcontext()
