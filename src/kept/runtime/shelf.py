"""What values of a file stand on: arrays, classes and functions that were resolved under trust, objects of Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import CorruptFileError, shown
from . import keras_seams as seams
from .codecs import decode

__all__ = ["FileShelf", "ListShelf"]


class FileShelf:
    """Of a file that is being loaded.

    Attributes:
        arrays: By the name of their tensor.
        references: Token -> class or function; filled by `resolve`.
        nodes: Configs of objects, by number, pointed at resolved classes; filled by `resolve`.
        named: What the names in those configs stand for; filled by `resolve`.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.arrays = arrays
        self.references: dict[str, Any] = {}
        self.nodes: list[dict[str, Any]] = []
        self.named: dict[str, Any] = {}
        self._made: dict[int, Any] = {}

    def start(self) -> None:
        """Forgets the objects of a model that was built before."""
        self._made.clear()

    def decode(self, code: Any) -> Any:
        """The value behind a code."""
        return decode(code, self)

    def array(self, name: str) -> np.ndarray:
        """An array of the file."""
        return np.asarray(self.arrays[name])

    def referred(self, token: str) -> Any:
        """A class or function."""
        if token not in self.references:
            raise CorruptFileError("a value names code that the record does not list", found=shown(token))
        return self.references[token]

    def object(self, number: int) -> Any:
        """An object of Keras; the same one each time it is asked for."""
        if type(number) is not int or not 0 <= number < len(self.nodes):
            raise CorruptFileError("a value holds an object that is not in the record", found=shown(number))
        if number not in self._made:
            self._made[number] = seams.deserialize_object(self.nodes[number], self.named)
        return self._made[number]


class ListShelf:
    """Of a message between processes, which holds arrays only."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        self.arrays = arrays

    def array(self, name: str) -> np.ndarray:
        """An array of the message."""
        return self.arrays[int(name)]

    def referred(self, token: str) -> Any:
        """Never."""
        raise CorruptFileError("a message names code", found=shown(token))

    def object(self, number: int) -> Any:
        """Never."""
        raise CorruptFileError("a message holds an object", found=shown(number))
