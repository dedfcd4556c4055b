"""The random streams of the process: Python's, NumPy's, Torch's, and Keras's global one."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import keras
import numpy as np

from ..errors import CorruptFileError, shown
from . import keras_seams as seams
from .backends import as_array
from .state import assign

__all__ = ["RandomStreams"]


@dataclass(frozen=True, slots=True)
class RandomStreams:
    """Where the random streams stand.

    Attributes:
        python: Of `random`.
        numpy: Of `numpy.random`.
        torch: Of Torch on the CPU; None where it is not imported.
        cuda: Of Torch on each GPU; None where it uses none.
        keras: Of Keras's global seed generator; None before its first use.
    """

    python: Any
    numpy: Any
    torch: np.ndarray | None
    cuda: list[np.ndarray] | None
    keras: np.ndarray | None

    @classmethod
    def now(cls) -> Self:
        """As they stand."""
        torch = sys.modules.get("torch")
        generator = seams.global_rng()
        return cls(
            random.getstate(),
            np.random.get_state(),
            None if torch is None else torch.get_rng_state().numpy().copy(),
            [one.numpy().copy() for one in torch.cuda.get_rng_state_all()]
            if torch and seams.torch_uses_cuda()
            else None,
            None if generator is None else np.array(as_array(generator.state)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Values that `codecs.encode` takes."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Reads what `to_dict` gave.

        Raises:
            CorruptFileError: The data have another shape.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise CorruptFileError("the random streams cannot be read", found=shown(data)) from error

    def put_back(self) -> None:
        """Lets every stream go on from here."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        torch = sys.modules.get("torch")
        if torch is not None and self.torch is not None:
            torch.set_rng_state(torch.from_numpy(np.array(self.torch)))
        if torch is not None and self.cuda is not None and torch.cuda.device_count() == len(self.cuda):
            torch.cuda.set_rng_state_all([torch.from_numpy(np.array(one)) for one in self.cuda])
        if self.keras is None:
            seams.set_global_rng(None)
            return
        if seams.global_rng() is None:
            seams.set_global_rng(keras.random.SeedGenerator(0))
        assign(seams.global_rng().state, self.keras)
