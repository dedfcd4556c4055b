"""How a model was compiled, and how far its optimizer has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kept.formats.artifact import Tensor
from kept.report import Compiled, Stored
from kept.tree.groups import Group
from kept.tree.nodes import Form, Node
from kept.tree.parse import parse, plain

from .layers import said
from .values import read_number

__all__ = ["compiled"]


def compiled(
    tree: Node, training_config: Mapping[str, Any] | None, optimizer: Group | None, stored: Callable[[Tensor], Stored]
) -> Compiled | None:
    """What the file says of it; None where it says nothing.

    Args:
        tree: The config.
        training_config: That of a legacy `.h5`.
        optimizer: What the weights file holds of the optimizer.
        stored: Makes what is told of a tensor.
    """
    settings: Any = tree.fields.get("compile_config")
    if not settings and training_config:
        settings = parse(training_config, "training_config").fields
    if not isinstance(settings, Mapping):
        settings = {}
    tensors = list(optimizer.every_tensor()) if optimizer else []
    if not settings and not tensors:
        return None
    given = settings.get("optimizer") or settings.get("optimizer_config") or ""
    node = given if isinstance(given, Node) else None
    counts = [number for number in map(read_number, tensors[:1]) if number is not None]
    metrics = [_told(settings.get(key)) for key in ("metrics", "weighted_metrics")]
    return Compiled(
        node.class_name.rpartition(">")[2] if node else str(given) or (optimizer.name if optimizer else ""),
        plain(node.settings) if node else {},
        counts[0] if counts else None,
        tuple(map(stored, tensors)),
        _told(settings.get("loss")),
        ", ".join(filter(None, metrics)),
    )


def _told(value: Any) -> str:
    """Losses and metrics by name, in the order of the file."""
    if isinstance(value, Node):
        wrapped = value.config.get("fn") if value.form is Form.OBJECT else None
        if isinstance(wrapped, Node | str):
            return f"{said(value)}({said(wrapped)})"
        return said(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {told}" for key, one in value.items() if (told := _told(one)))
    if isinstance(value, tuple):
        return ", ".join(filter(None, map(_told, value)))
    return value if isinstance(value, str) else ""
