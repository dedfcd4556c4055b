"""What is read out of an HDF5 file, whichever way it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..artifact import Tensor

__all__ = ["Contents"]


@dataclass(slots=True)
class Contents:
    """What lies below one group.

    Attributes:
        tensors: By path from that group.
        attributes: Text attributes by group path from that group.
    """

    tensors: dict[str, Tensor] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
