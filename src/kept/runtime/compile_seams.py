"""Private Keras API of compiling, each use behind a small name; see `keras_seams`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.saving import serialization_lib

from .keras_seams import replaced

__all__ = ["build_compiled", "built_losses", "compile_settings", "compiles_itself", "compiling_as_saved"]


def build_compiled(model: Any, targets: Any, predicted: Any) -> bool:
    """Builds compiled losses and metrics for symbolic targets and outputs; False where Keras refuses them."""
    try:
        for name in ("_compile_metrics", "_compile_loss"):
            part = getattr(model, name, None)
            if part is not None:
                _forget_means(part)
                part.build(targets, predicted)
    except Exception:  # targets of another shape than the loss takes: the next choice is tried
        return False
    return True


def built_losses(model: Any) -> list[Any]:
    """The losses that a compiled model has made of its settings, output by output; empty before the first step."""
    made = getattr(getattr(model, "_compile_loss", None), "_flat_losses", None)
    return [getattr(one, "loss", None) for one in made or ()]


def _forget_means(part: Any) -> None:
    """Each time that losses are built, Keras adds one mean for each of them to those of the time before."""
    tracker = getattr(part, "_tracker", None)
    if tracker is not None and isinstance(getattr(part, "_flat_losses", None), list):
        for mean in list(getattr(part, "_metrics", ())):
            tracker.untrack(mean)


def _compiler() -> type:
    """The class of Keras that defines `compile`."""
    found: type = next(base for base in keras.Model.__mro__ if "compile" in vars(base))
    return found


def compiles_itself(kind: type) -> bool:
    """Whether a model class has a `compile` of its own and leaves it to Keras to call that when loading."""
    plain = _compiler()
    return kind.compile is not plain.compile and (  # type: ignore[attr-defined]
        kind.compile_from_config is plain.compile_from_config and kind.get_compile_config is plain.get_compile_config  # type: ignore[attr-defined]
    )


def compile_settings(model: Any) -> dict[str, Any]:
    """The arguments that reached Keras's own `compile`, those at their default too."""
    noted = getattr(getattr(model, "_compile_config", None), "config", None)
    return dict(noted) if isinstance(noted, dict) else {}


@contextmanager
def compiling_as_saved() -> Iterator[None]:
    """Models with a `compile` of their own get from `compile_from_config` the arguments that kept wrote for it."""
    plain = _compiler()
    original = plain.compile_from_config  # type: ignore[attr-defined]

    def compile_from_config(self: Any, config: dict[str, Any]) -> None:
        if compiles_itself(type(self)):
            self.compile(**serialization_lib.deserialize_keras_object(config))
            if getattr(self, "optimizer", None) is not None and self.built:
                self.optimizer.build(self.trainable_variables)
        else:
            original(self, config)

    with replaced(plain, "compile_from_config", compile_from_config):
        yield
