"""What a model was compiled with: Keras keeps the arguments in a private record."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["arguments", "is_overridden"]


def arguments(model: Any) -> dict[str, Any]:
    """The arguments of `compile`; empty where Keras did not note them."""
    noted = getattr(getattr(model, "_compile_config", None), "config", None)
    return dict(noted) if isinstance(noted, dict) else {}


def is_overridden(model: Any) -> bool:
    """Whether a class has a `compile` of its own and nothing that writes or repeats what it was given."""
    kind = type(model)
    return kind.compile is not keras.Model.compile and kind.compile_from_config is keras.Model.compile_from_config
