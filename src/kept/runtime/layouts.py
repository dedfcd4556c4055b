"""Which file format a path asks for, and how a draft is written in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import KeptError, SerializationError, WriteError
from ..formats import keras_archive, legacy_h5
from ..formats.artifact import Written
from .draft import Draft
from .legacy_h5_seams import save_legacy_h5

__all__ = ["layout_for"]

_H5 = (".h5", ".hdf5")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a draft becomes a file."""

    write: Callable[[str, Draft], Written]
    named: bool = False


def layout_for(path: str) -> Layout:
    """The layout that a path asks for by its extension.

    Raises:
        SerializationError: No format has that extension.
    """
    if path.endswith(".keras"):
        return Layout(_write_archive)
    if path.endswith(".weights.h5"):
        raise SerializationError(
            "a .weights.h5 file cannot hold a model",
            path=path,
            expected="a path ending in .keras",
            hint="kept.save_weights(model, path) writes the weights alone",
        )
    if path.endswith(_H5):
        return Layout(_write_legacy_h5, named=True)
    raise SerializationError(
        "the name does not say which format to write",
        path=path,
        expected="a path ending in .keras (or .h5)",
        found=os.path.basename(path) or path,
        hint="kept.save_saved_model(model, folder) writes a SavedModel",
    )


def _write_archive(file: str, draft: Draft) -> Written:
    return keras_archive.write(
        file,
        config=draft.config,
        tensors=draft.tensors(),
        attributes=draft.attributes(),
        assets=draft.assets(),
        metadata=draft.metadata,
    )


def _write_legacy_h5(file: str, draft: Draft) -> Written:
    try:
        save_legacy_h5(draft.model, file)
    except KeptError:
        raise
    except OSError as error:
        raise WriteError("the .h5 file cannot be written", found=str(error)) from error
    except Exception as error:
        first = next(iter(str(error).strip().splitlines()), "")
        raise SerializationError(
            "the legacy .h5 format cannot hold this model",
            found=f"{type(error).__name__}: {first[:200]}",
            hint="save to a path ending in .keras",
        ) from error
    return legacy_h5.add_kept(
        file,
        config=draft.config,
        metadata=draft.metadata,
        tensors=draft.tensors(),
        attributes=draft.attributes(),
        assets=draft.assets(),
    )
