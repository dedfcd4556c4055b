"""Model files that plain Keras or TensorFlow wrote in other formats than `.keras`."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import Any

import keras

from ..errors import (
    KeptWarning,
    UnsupportedVersionError,
)
from ..formats.artifact import Artifact
from .causes import explaining
from .legacy_h5_seams import load_legacy_h5
from .renaming import Renaming
from .resolve import resolve
from .shelf import FileShelf

__all__ = ["for_inference", "from_legacy_h5"]


def for_inference(artifact: Artifact, *, wanted: bool) -> Any:
    """A SavedModel that kept did not write: a graph that can be run, and no Keras model."""
    if not wanted or keras.backend.backend() != "tensorflow":
        raise UnsupportedVersionError(
            "this SavedModel holds a graph and no Keras model; kept did not write it",
            expected="a SavedModel of kept, or inference=True on the TensorFlow backend",
            found=f"inference={wanted} on the {keras.backend.backend()} backend",
            hint="kept.load(path, inference=True) gives a model that can only predict",
        )
    with explaining("the SavedModel cannot be opened"):
        layer = keras.layers.TFSMLayer(str(artifact.path), call_endpoint=_endpoint(artifact))
    warnings.warn(
        f"{artifact.path}: kept did not write this SavedModel, so there is no Keras model in it; "
        "this one can only predict",
        KeptWarning,
        stacklevel=4,
    )
    return keras.Sequential([layer])


def _endpoint(artifact: Artifact) -> str:
    tensorflow = __import__("tensorflow")
    served = tensorflow.saved_model.load(str(artifact.path))
    if hasattr(served, "serve") or not served.signatures:
        return "serve"
    return "serving_default" if "serving_default" in served.signatures else next(iter(served.signatures))


def from_legacy_h5(
    artifact: Artifact,
    renaming: Renaming,
    compile_model: bool,
    safe_mode: bool,
    trusted: Collection[str],
) -> Any:
    """A whole-model `.h5` of stock Keras, through Keras's own reader."""
    assert artifact.config is not None
    shelf = FileShelf({})
    resolve(artifact.config, (), {}, shelf, [], renaming=renaming, trusted=trusted)
    bare = {name.partition(">")[2] if name.startswith("kept:") else name: one for name, one in shelf.named.items()}
    with explaining("the legacy .h5 file cannot be loaded"):
        model = load_legacy_h5(artifact.extras["source"], bare, compile_model=compile_model, safe_mode=safe_mode)
    if compile_model:
        _restore_legacy_optimizer(model, artifact)
    return model


def _restore_legacy_optimizer(model: Any, artifact: Artifact) -> None:
    """Keras builds the optimizer of a legacy file for no variables, and then finds that its state does not fit."""
    names = artifact.extras.get("optimizer") or []
    optimizer = getattr(model, "optimizer", None)
    if not names or optimizer is None:
        return
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(model.trainable_variables)
    arrays = [artifact.tensors[name].read() for name in names]
    if [tuple(one.shape) for one in fresh.variables] != [one.shape for one in arrays]:
        warnings.warn(
            f"{artifact.path}: the optimizer's state does not fit; it starts from zero", KeptWarning, stacklevel=5
        )
        return
    for variable, array in zip(fresh.variables, arrays, strict=True):
        variable.assign(array)
    model.optimizer = fresh
