"""Keras's own reader and writer of whole-model `.h5` files, whatever has been installed in front of them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import h5py

from ..formats.source import Part, Source

__all__ = ["load_legacy_h5", "save_legacy_h5"]


def _losses_by_name() -> dict[str, Any]:
    """`mse` and the like, as legacy files name them: Keras looks for them among its metrics, and fails."""
    from keras.src.losses import ALL_OBJECTS_DICT

    return {name: one for name, one in ALL_OBJECTS_DICT.items() if isinstance(one, types.FunctionType)}


def load_legacy_h5(source: Source, custom_objects: Mapping[str, Any], *, compile_model: bool, safe_mode: bool) -> Any:
    """A whole-model `.h5` that is open, through Keras's own reader, whatever has been installed in front of it."""
    from keras.src.legacy.saving import legacy_h5_format
    from keras.src.saving.serialization_lib import SafeModeScope

    named = {**_losses_by_name(), **custom_objects}
    arguments: dict[str, Any] = {"custom_objects": named, "compile": compile_model}
    if "safe_mode" in inspect.signature(legacy_h5_format.load_model_from_hdf5).parameters:
        arguments["safe_mode"] = safe_mode
    # Keras itself compiles outside of its safe mode.
    with SafeModeScope(safe_mode), h5py.File(Part(source, 0, source.nbytes), "r") as file:
        return legacy_h5_format.load_model_from_hdf5(file, **arguments)


@contextmanager
def _distinct_names(model: Any) -> Iterator[None]:
    """Variables of one name in one layer get names of their own while Keras writes them as datasets of these names."""
    own = [*getattr(model, "_trainable_variables", ()), *getattr(model, "_non_trainable_variables", ())]
    optimizer = getattr(model, "optimizer", None)
    groups = [*(layer.weights for layer in model.layers), own, getattr(optimizer, "variables", ())]
    taken = {variable.path for group in groups for variable in group}
    before: list[tuple[Any, str]] = []
    try:
        for group in groups:
            seen: set[str] = set()
            for variable in group:
                if _clashes(variable.path, seen) and hasattr(variable, "_path"):
                    before.append((variable, variable._path))
                    variable._path = _free_name(variable.path, taken)
                    taken.add(variable.path)
                seen.add(variable.path)
        yield
    finally:
        for variable, path in reversed(before):
            variable._path = path


def _clashes(path: str, seen: set[str]) -> bool:
    """Whether a dataset of this name cannot lie beside those: one of them has the name, or is a folder of it."""
    return path in seen or any(one.startswith(f"{path}/") or path.startswith(f"{one}/") for one in seen)


def _free_name(path: str, taken: set[str]) -> str:
    flat = path.replace("/", "_")  # a name in no folder that could be another variable's
    number = 1
    while _clashes(f"{flat}_{number}", taken):
        number += 1
    return f"{flat}_{number}"


def save_legacy_h5(model: Any, path: str) -> None:
    """A whole-model `.h5` through Keras's own writer, which takes the optimizer out of the live compile config."""
    from keras.src.legacy.saving import legacy_h5_format

    live = getattr(getattr(model, "_compile_config", None), "config", None)
    before = dict(live) if isinstance(live, dict) else None
    try:
        with _distinct_names(model):
            legacy_h5_format.save_model_to_hdf5(model, path, True, True)
    finally:
        if live is not None and before is not None:
            live.clear()
            live.update(before)
