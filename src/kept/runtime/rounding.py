"""Storing weights in half precision, on request: which of a model's, and what becomes of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ..errors import Problem, SerializationError, shown
from ..formats.artifact import NewTensor, checksum
from ..formats.dtypes import numpy_type
from .backends import as_array
from .entries import inner_path
from .state_seams import Collected

__all__ = ["Rounding", "half_precision"]

_LARGEST = {"float16": "65504", "bfloat16": "3.38953e+38"}
_HIGHER = ("float32", "float64")


def half_precision(weights_dtype: Any) -> str | None:
    """The name of the type that `weights_dtype=` means; None for None.

    Raises:
        SerializationError: It is no half precision.
    """
    if weights_dtype is None:
        return None
    try:
        name = str(keras.backend.standardize_dtype(weights_dtype))
    except (ValueError, TypeError):
        name = ""
    if name not in _LARGEST:
        raise SerializationError(
            "weights_dtype names no half precision", expected="float16 or bfloat16", found=shown(weights_dtype)
        )
    return name


@dataclass(frozen=True, slots=True)
class Rounding:
    """What a save does to the weights of one model.

    Attributes:
        dtype: `float16` or `bfloat16`.
        variables: `id` of each variable that is stored in it.
    """

    dtype: str
    variables: frozenset[int]

    @classmethod
    def of(cls, dtype: str | None, model: Any, collected: Collected) -> Rounding | None:
        """What a half precision means for a model; None for None.

        Raises:
            SerializationError: Weights of the model are too large for it.
        """
        if dtype is None:
            return None
        weights = {id(one) for one in model.weights if keras.backend.standardize_dtype(one.dtype) in _HIGHER}
        values = {
            inner_path(group, key): value
            for group, entry in collected.entries.items()
            for key, value in entry.items()
            if id(value) in weights
        }
        made = cls(dtype, frozenset(map(id, values.values())))
        made._refuse_overflow(values)
        return made

    @property
    def note(self) -> str:
        """Why the outputs of such a save are not compared."""
        return f"the file holds the weights rounded to {self.dtype}, the model does not"

    def stored(self, value: Any, tensor: NewTensor) -> NewTensor:
        """The tensor that is written for a variable."""
        if id(value) not in self.variables:
            return tensor
        return NewTensor(tensor.shape, self.dtype, lambda: self._rounded(tensor.read()))

    def told(self, variable: Any) -> tuple[str, str]:
        """Dtype and digest of a variable as it comes back: in its own type, with the values that are stored."""
        array = as_array(variable)
        return str(array.dtype), checksum(self._rounded(array).astype(array.dtype))

    def _rounded(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        with np.errstate(over="ignore", invalid="ignore"):
            return array.astype(numpy_type(self.dtype))

    def _refuse_overflow(self, values: Mapping[str, Any]) -> None:
        problems = []
        for name, value in values.items():
            array = as_array(value)
            lost = np.isinf(self._rounded(array)) & ~np.isinf(array)
            if lost.any():
                largest = float(np.abs(array[lost]).max())
                problems.append(
                    Problem(
                        f"{int(lost.sum())} of {array.size} values are too large for {self.dtype}",
                        name,
                        found=f"{largest:.6g}",
                    )
                )
        if problems:
            raise SerializationError(
                f"weights would become infinite in {self.dtype}",
                expected=f"at most {_LARGEST[self.dtype]}",
                problems=problems,
                hint=f'weights_dtype="bfloat16" holds values up to {_LARGEST["bfloat16"]}'
                if self.dtype == "float16"
                else "",
            )
