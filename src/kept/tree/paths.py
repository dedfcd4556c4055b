"""Paths in a config tree: `config.layers[0].config.cell`, empty for the tree itself."""

from __future__ import annotations

__all__ = ["entry", "step"]


def step(path: str, key: object) -> str:
    """The path of what stands under a key."""
    return f"{path}.{key}" if path else str(key)


def entry(path: str, index: int) -> str:
    """The path of one entry of a list."""
    return f"{path}[{index}]"
