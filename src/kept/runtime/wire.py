"""Messages between a process and the one that proves for it: JSON and arrays, never pickles."""

from __future__ import annotations

import io
import json
from multiprocessing.connection import Connection
from typing import Any

import keras
import numpy as np

from .backends import as_array
from .codecs import Digests, decode, encode
from .shelf import ListShelf

__all__ = ["pack", "receive", "send", "unpack"]

Message = dict[str, Any]


def send(connection: Connection, message: Message, arrays: list[np.ndarray] | None = None) -> None:
    """Sends a message and its arrays.

    Raises:
        OSError: The other side is gone.
    """
    blobs = arrays or []
    connection.send_bytes(json.dumps({"message": message, "arrays": len(blobs)}).encode())
    for array in blobs:
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        connection.send_bytes(buffer.getbuffer())


def receive(connection: Connection) -> tuple[Message, list[np.ndarray]]:
    """Waits for a message.

    Raises:
        EOFError: The other side is gone.
    """
    head = json.loads(connection.recv_bytes())
    arrays = [np.load(io.BytesIO(connection.recv_bytes()), allow_pickle=False) for _ in range(head["arrays"])]
    return head["message"], arrays


def pack(structure: Any, arrays: list[np.ndarray]) -> Any:
    """A nested structure of arrays or tensors as JSON; the arrays are appended to `arrays`.

    Raises:
        NotEncodable: Something in it is neither.
    """
    return encode(_arrays_in(structure), _Appending(arrays))


class _Appending(Digests):
    """Appends arrays to those of a message; takes nothing else."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        super().__init__()
        self.arrays = arrays

    def keep_array(self, array: np.ndarray) -> str:
        self.arrays.append(array)
        return str(len(self.arrays) - 1)


def _arrays_in(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _arrays_in(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_arrays_in(one) for one in value)
    return as_array(value) if keras.ops.is_tensor(value) or isinstance(value, keras.Variable) else value


def unpack(code: Any, arrays: list[np.ndarray]) -> Any:
    """The structure that `pack` wrote."""
    return decode(code, ListShelf(arrays))
