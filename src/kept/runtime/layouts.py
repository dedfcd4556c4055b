"""Which file format a path asks for, and how a draft is written in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..errors import KeptError, SerializationError, WriteError, shown
from ..formats import keras_archive, keras_directory, legacy_h5
from ..formats.artifact import Written
from ..formats.folder_target import FolderTarget
from ..formats.target import Target
from .causes import raised
from .draft import Draft
from .legacy_h5_seams import save_legacy_h5

__all__ = ["Layout", "layout_for"]

_H5 = (".h5", ".hdf5")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a draft becomes a file.

    Attributes:
        write: Writes it.
        named: Whether the temporary must have a name.
        zipped: Whether it is a file; else a folder.
    """

    write: Callable[[str, Draft], Written]
    named: bool = False
    zipped: bool = True

    def target(self, path: str, *, overwrite: bool) -> Target | FolderTarget:
        """What replaces the file or folder once it is proven."""
        if self.zipped:
            return Target(path, overwrite=overwrite, named=self.named)
        return FolderTarget(path, overwrite=overwrite, may_replace=keras_directory.holds_nothing_else)


def layout_for(
    path: str, *, zipped: bool = True, max_shard_size: float | None = None, rounded_to: str | None = None
) -> Layout:
    """The layout that a path asks for by its extension.

    Args:
        path: The file, or the folder.
        zipped: False for an archive that lies unpacked in a folder.
        max_shard_size: Refused: a whole model has no shards.
        rounded_to: Half precision that the weights are to be stored in; None for as they are.

    Raises:
        SerializationError: No format has that extension, or the format has no place for what is asked.
    """
    if max_shard_size is not None:
        raise SerializationError(
            "Keras knows no whole model with its weights in shards",
            path=path,
            expected="max_shard_size=None",
            found=shown(max_shard_size),
            hint='kept.save_weights(model, "model.weights.json", max_shard_size=...) writes the weights in shards',
        )
    if not zipped:
        if path.endswith((".keras", *_H5)):
            raise SerializationError(
                "the name is that of a file, and zipped=False writes a folder",
                path=path,
                expected="a path without an extension",
                hint="leave zipped=False out, or choose another name",
            )
        return Layout(partial(_write, keras_directory.write), zipped=False)
    if path.endswith(".keras"):
        return Layout(partial(_write, keras_archive.write))
    if path.endswith(".weights.h5"):
        raise SerializationError(
            "a .weights.h5 file cannot hold a model",
            path=path,
            expected="a path ending in .keras",
            hint="kept.save_weights(model, path) writes the weights alone",
        )
    if path.endswith(_H5):
        if rounded_to is not None:
            raise SerializationError(
                "a legacy .h5 file is written by Keras, which rounds nothing",
                path=path,
                expected="weights_dtype=None, or a path ending in .keras",
                found=rounded_to,
            )
        return Layout(_write_legacy_h5, named=True)
    raise SerializationError(
        "the name does not say which format to write",
        path=path,
        expected="a path ending in .keras (or .h5)",
        found=os.path.basename(path) or path,
        hint="kept.save_saved_model(model, folder) writes a SavedModel",
    )


def _write(write: Callable[..., Written], file: str, draft: Draft) -> Written:
    return write(
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
        raise SerializationError(
            "the legacy .h5 format cannot hold this model",
            found=raised(error),
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
