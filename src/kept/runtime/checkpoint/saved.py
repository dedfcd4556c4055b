"""Checkpoints as they are read: what they hold of a training, and how it is put into a live model."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...errors import CorruptFileError, FormatError, KeptError, KeptWarning, shown
from ...formats.artifact import Artifact
from ...formats.base import open_artifact
from ...position import Position
from .. import keras_seams as seams
from .. import restoring
from ..accounting import damaged
from ..causes import explaining
from ..codecs import decode
from ..compiled import build_compiled
from ..entries import Arrays, checksums
from ..judgement import refuse_unsafe
from ..load import assign
from ..random_streams import RandomStreams
from ..record import Record
from ..renaming import Renaming
from ..resolve import resolve
from ..settings import settings
from ..shelf import FileShelf
from .folder import Entry, entries, training_of

__all__ = ["Opened", "Saved", "newest", "opened"]


@dataclass(frozen=True, slots=True)
class Saved:
    """The training of a checkpoint.

    Attributes:
        position: Where it stands.
        calls: How often the train function was called in the epoch that had begun.
        logs: What its last call returned.
        callbacks: State of the other callbacks, as `callback_state` wrote it, with the values in place of their codes.
        streams: The random streams then.
        epoch_streams: The random streams when the epoch began; None between two epochs.
    """

    position: Position
    calls: int
    logs: dict[str, float]
    callbacks: dict[str, dict[str, Any]]
    streams: RandomStreams
    epoch_streams: RandomStreams | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint, open."""

    artifact: Artifact
    record: Record
    shelf: FileShelf

    def saved(self) -> Saved:
        """What it holds of the training.

        Raises:
            CorruptFileError: It cannot be read.
        """
        found = training_of(self.artifact)
        try:
            position = Position(
                str(self.artifact.path), int(found["epoch"]), int(found["step"]), int(found["steps"]), found["best"],
                decode(found["history"], self.shelf), bool(found["stop"]),
            )  # fmt: skip
            return Saved(
                position, int(found["calls"]), decode(found["logs"], self.shelf),
                {name: {key: decode(code, self.shelf) for key, code in one.items()}
                 for name, one in found["callbacks"].items()},
                self._streams(found["streams"]),
                None if found["epoch_streams"] is None else self._streams(found["epoch_streams"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, KeptError):
                raise
            raise CorruptFileError("the training of a checkpoint cannot be read", found=shown(found)) from error

    def _streams(self, code: Any) -> RandomStreams:
        return RandomStreams.from_dict(decode(code, self.shelf))

    def put_into(self, model: Any) -> None:
        """Gives a live model, built and compiled as the saved one was, the state of the saved one.

        Raises:
            MismatchError: It is another model.
        """
        state = self.record.state
        build = training_of(self.artifact).get("build")
        if not model.built and build:
            with explaining("the model cannot be built as it was"):
                model.build_from_config(decode(build, self.shelf))
        restoring.build_missing(model, state, self.shelf)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None and not optimizer.built and state.compiled_for is not None:
            restoring.compile_as_built(
                model, state, self.shelf.arrays, lambda: optimizer.build(model.trainable_variables)
            )
        build_compiled(model, state.compiled)
        restoring.build_optimizers(model, state)
        restoring.set_flags(model, state.flags)
        sums = checksums(self.record.tensors)
        assign(model, self.artifact, self.record, self.shelf, None, sums, compiled=True)


@contextmanager
def opened(
    path: str, *, custom_objects: Mapping[str, Any] | None = None, trusted: Collection[str] = ()
) -> Iterator[Opened]:
    """Opens a checkpoint.

    Args:
        path: The file.
        custom_objects: As for `kept.load`.
        trusted: As for `kept.load`.

    Raises:
        FormatError: It is damaged.
        UnsafeContentError: It asks for something that no model needs.
        UntrustedCodeError: Its values need code that is neither here nor allowed.
    """
    settled = settings()
    try:
        with open_artifact(path) as artifact, seams.without_importing_tensorflow():
            record = _record(artifact)
            shelf = FileShelf(Arrays(artifact, record.tensors))
            if artifact.config is not None:
                refuse_unsafe(artifact, safe_mode=True)
                resolve(
                    artifact.config, record.objects, record.sources, shelf, record.state.nodes,
                    renaming=Renaming(dict(custom_objects or {}), settled.renamed),
                    trusted=(*trusted, *settled.trusted), construct=lambda path, kind: kind,
                )  # fmt: skip
            yield Opened(artifact, record, shelf)
    except KeptError as error:
        error.path = error.path or path
        raise


def _record(artifact: Artifact) -> Record:
    record = Record.from_metadata({"kept": artifact.record} if artifact.record else {})
    if record is None:
        raise CorruptFileError("this is no checkpoint of a training", path=artifact.path)
    return record


def newest(folder: str) -> Entry | None:
    """The newest checkpoint that is undamaged; None where there is none at all. Damaged ones are named in a warning.

    Raises:
        CorruptFileError: There are checkpoints, and all are damaged.
    """
    found = entries(folder)
    for one in reversed(found):
        try:
            with open_artifact(one.path) as artifact:
                training_of(artifact)
                broken = damaged(artifact, _record(artifact))
            if broken:
                raise CorruptFileError("the file is not as it was written", problems=broken)
        except FormatError as error:
            if one == found[0]:
                raise
            warnings.warn(f"{one.path}: passed over, it is damaged: {error.message}", KeptWarning, stacklevel=4)
            continue
        return one
    return None
