"""Checkpoints of a training: written and proven in the background, and a training that goes on where it stopped."""

from .callback import Checkpoint
from .restore import restore

__all__ = ["Checkpoint", "restore"]
