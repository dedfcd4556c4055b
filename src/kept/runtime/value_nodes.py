"""Nodes of the config tree that stand for values which Keras's own serialisation cannot write.

A partial, an enumeration member, a callable object or a set then stands in the tree as
`{"class_name": "Value", "module": "kept", "config": {"value": code}}`.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from . import keras_seams as seams
from .codecs import NotEncodable, untracked
from .shelf import FileShelf
from .state import ExtraState

__all__ = ["VALUE_NAME", "Reviving", "ValueNode", "holds_values", "is_value_node", "stand_ins"]

VALUE_NAME = "kept>Value"
_PLAIN = (type(None), str, int, float, bool, list, tuple, slice, type(...), keras.KerasTensor)
_MOST = frozenset({type(None), str, int, float, bool, list, tuple})  # of what is asked for
_NUMBERS = "?biuf"


def stand_ins(state: ExtraState, unwritable: list[Any]) -> Callable[[Any], dict[str, Any] | None]:
    """What gives the node for a value, or None where Keras writes it itself.

    Args:
        state: Takes what the codes need beside.
        unwritable: Filled with the values that neither Keras nor a codec can write.
    """
    alive: list[Any] = []

    def stand_in(value: Any) -> dict[str, Any] | None:
        if type(value) in _MOST or _is_written_by_keras(value):
            return None
        try:
            code = state.encode(value)
        except NotEncodable as refused:
            unwritable.append(refused.args[0])
            return None
        node = {"module": "kept", "class_name": "Value", "config": {"value": code}, "registered_name": VALUE_NAME}
        if callable(value):
            alive.append(value)  # Keras knows shared objects by their addresses
            seams.share_object(value, node)
        return node

    return stand_in


def _is_written_by_keras(value: Any) -> bool:
    if isinstance(value, (enum.Enum, type)):
        return False
    if isinstance(value, _PLAIN):
        return True
    if isinstance(untracked(value), dict):
        return all(isinstance(key, str) for key in value)
    if isinstance(value, bytes):
        return _is_text(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in _NUMBERS or value.dtype.isbuiltin == 2
    if isinstance(value, types.FunctionType) or hasattr(value, "python_function") or hasattr(value, "get_config"):
        return True
    return bool(keras.ops.is_tensor(value)) or type(value).__module__.startswith("tensorflow.python.framework")


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_value_node(node: Any) -> bool:
    """Whether a node stands for a value."""
    return isinstance(node, dict) and node.get("class_name") == "Value" and node.get("module") == "kept"


def holds_values(config: Any) -> bool:
    """Whether a config holds values itself, those of objects inside it not counted."""
    if isinstance(config, dict):
        if "class_name" in config:
            return is_value_node(config)
        config = config.values()
    elif not isinstance(config, list):
        return False
    return any(holds_values(one) for one in config if isinstance(one, (dict, list)))


def _revived(config: Any) -> Any:
    if isinstance(config, list):
        return [_revived(one) for one in config]
    if is_value_node(config):
        return keras.saving.deserialize_keras_object(config)
    if not isinstance(config, dict) or "class_name" in config:
        return config
    return {key: _revived(one) for key, one in config.items()}


class ValueNode:
    """Stands where Keras looks for the class of a value node."""

    def __init__(self, shelf: FileShelf) -> None:
        self.shelf = shelf

    def from_config(self, config: dict[str, Any]) -> Any:
        """The value; called by Keras."""
        return self.shelf.decode(config["value"])


class Reviving:
    """Stands where Keras looks for a class whose config holds values, and hands the values over."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def from_config(self, config: dict[str, Any]) -> Any:
        """Constructs the object; called by Keras."""
        return self.kind.from_config(_revived(config))
