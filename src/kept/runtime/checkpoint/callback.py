"""`kept.Checkpoint`: the callback."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import keras

from ...errors import KeptError, KeptWarning, SerializationError, VerificationError
from ...formats.target import Target
from ...proof import Level
from ..prover import prover
from ..save import level_of
from . import fit_seams as seams
from .background import Background
from .fit import Fit, numbers
from .folder import EXTENSION, WEIGHTS_EXTENSION, Entry, made, new_path, remove_old
from .saved import Opened, Saved, newest, opened
from .taking import Taken, Taking

__all__ = ["Checkpoint"]

_BETTER_WHEN_LARGER = ("acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "r2", "dice", "similarity")
_BETTER_WHEN_SMALLER = ("loss", "error", "mse", "mae", "entropy", "perplexity", "divergence")


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Saves the model and where its training stands while it is trained, and continues a training that was ended.

        model.fit(x, y, epochs=50, callbacks=[kept.Checkpoint("run")])

    The training waits while the values are copied in memory. A thread beside it writes the file and has a fresh process
    prove it; only then it gets its name in the folder, and older ones are removed. Started again after a crash, the
    same script goes on from the newest checkpoint as if nothing had happened: weights, optimizer, random streams,
    metrics, history and the state of the other callbacks, in the middle of an epoch too. What goes wrong in the
    background is raised by the next batch or epoch, and at the end.

    Args:
        folder: Where the checkpoints are; of one training, and of nothing else. Made when it is not there.
        monitor: Name in the logs of what says how good the model is.
        mode: "min", "max", or "auto", which goes by the name.
        save_best_only: Whether only a model is saved that is better than all before it.
        save_freq: "epoch", or a number of batches.
        max_to_keep: How many checkpoints stay; None for all. The best one stays in addition.
        save_weights_only: True leaves out everything that only a model without its code needs.
        verify: How much is proven: "structure", "weights", or False for nothing.
        resume: Whether `fit` continues the training of the folder.
        callbacks: The other callbacks, for a training whose callbacks are in no `CallbackList` of Keras.
        embed_source: As for `kept.save`.
        custom_objects: As for `kept.load`.
        trusted: As for `kept.load`.
        timeout: Seconds that the verifying process may take.

    Raises:
        KeptError: An argument is none of what it may be.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        monitor: str = "val_loss",
        mode: str = "auto",
        save_best_only: bool = False,
        save_freq: str | int = "epoch",
        max_to_keep: int | None = 5,
        save_weights_only: bool = False,
        verify: Level | str | bool = Level.WEIGHTS,
        resume: bool = True,
        callbacks: Collection[Any] = (),
        embed_source: bool = True,
        custom_objects: Mapping[str, Any] | None = None,
        trusted: Collection[str] = (),
        timeout: float = 300.0,
    ) -> None:
        super().__init__()
        self.folder = os.path.abspath(os.fspath(folder))
        self.monitor = monitor
        self.mode = _one_of("mode", mode, ("auto", "min", "max"))
        self.save_best_only = save_best_only
        self.save_freq = save_freq if save_freq == "epoch" else _positive("save_freq", save_freq, 'or "epoch"')
        self.max_to_keep = None if max_to_keep is None else _positive("max_to_keep", max_to_keep, "or None")
        self.save_weights_only = save_weights_only
        self.level = _level(verify)
        self.resume = resume
        self.best: float | None = None
        self.is_alone = False
        self._others = tuple(callbacks)
        self._taking = Taking(weights_only=save_weights_only, embed_source=embed_source, level=self.level)
        self._custom_objects, self._trusted = custom_objects, trusted
        self._timeout = timeout
        self._fit: Fit | None = None
        self._background = Background()
        self._looked_at = 0
        self._revive_all = False
        self._failed: VerificationError | None = None
        self._again = False
        self._value: float | None = None
        self._told = False

    def set_model(self, model: Any) -> None:
        """Takes the model of the training; called by Keras."""
        super().set_model(model)
        self.model_as_is = model
        self._fit = Fit.of(self, self._others)

    def save(
        self,
        model: Any,
        *,
        epoch: int,
        step: int = 0,
        steps: int | None = None,
        logs: Mapping[str, Any] | None = None,
    ) -> None:
        """Saves in a training loop of your own: copies the values, and goes on in the background.

        Args:
            model: The model, its variables as they are now.
            epoch: The epoch to go on with; at the end of the first one that is 1.
            step: Batches of that epoch that have been trained on.
            steps: Batches that have been trained on in all; what the model's optimizer has counted when None.
            logs: What was measured, by name; at the end of an epoch (`step=0`) it goes into the history.

        Raises:
            KeptError: The checkpoint before could not be written or proven, or this one cannot be described.
        """
        if self._fit is None or self.model_as_is is not model:
            self.set_model(model)
            self.begin()
            entry = self.newest()
            if entry is not None:
                self._going_on.resume(self._recalled(entry))
        self._background.check()
        if steps is None:
            steps = int(getattr(getattr(model, "optimizer", None), "iterations", 0))
        self._going_on.set_to(epoch, step, steps, dict(logs or {}))
        self._consider()

    def wait(self) -> None:
        """Waits until the last checkpoint is in its place, or raises why it cannot be.

        Raises:
            KeptError: It could not be written or proven.
        """
        self._background.wait()
        if self._again:
            self._save()
            self._background.wait()

    def __enter__(self) -> Checkpoint:
        self._get_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.finish()

    @property
    def _going_on(self) -> Fit:
        assert self._fit is not None
        return self._fit

    def begin(self) -> None:
        """Gets the folder and the verifying process ready."""
        self._get_ready()
        self.best, self._looked_at, self._again, self._failed = None, 0, False, None

    def _get_ready(self) -> None:
        made(self.folder)
        if self.level is not None and not self.save_weights_only:
            prover()

    def rehearse(self) -> None:
        """Takes a model that is built once before the training: what cannot be described is told now.

        The memory for the copies is there then, and the first save makes the training wait no longer than the others.
        """
        if self.model_as_is.built:
            self._take().close()

    def _take(self) -> Taken:
        return self._taking.take(self.model, revive_all=self._revive_all)

    def newest(self) -> Entry | None:
        """The checkpoint to go on with; None for a new training."""
        return newest(self.folder) if self.resume else None

    def put_back(self, entry: Entry) -> Saved:
        """Puts a checkpoint into the model, and tells where its training stands."""
        with self._opened(entry) as found:
            found.put_into(self.model)
            return found.saved()

    def recall(self, entry: Entry, steps: int) -> None:
        """Takes up what this checkpoint itself knew, in a training that goes on after so many batches."""
        self.best, self._looked_at = self._recalled(entry).position.best, steps

    def _recalled(self, entry: Entry) -> Saved:
        with self._opened(entry) as found:
            return found.saved()

    def _opened(self, entry: Entry) -> AbstractContextManager[Opened]:
        return opened(entry.path, custom_objects=self._custom_objects, trusted=self._trusted)

    def after_batch(self) -> None:
        """Saves after a batch, where it is time for it."""
        self._background.check()
        steps, freq = self._going_on.steps, self.save_freq
        if self._again:
            self._save()
        elif isinstance(freq, int) and steps // freq > self._looked_at // freq:
            self._looked_at = steps
            self._consider()

    def after_epoch(self) -> None:
        """Saves after an epoch, where it is time for it."""
        self._background.check()
        if self.save_freq == "epoch":
            self._consider()
        elif self._again:
            self._save()

    def finish(self) -> None:
        """Ends the training: the last checkpoint is in its place, or its error raised."""
        try:
            self.wait()
        finally:
            self._taking.forget()

    def _consider(self) -> None:
        """Saves, unless only the best one is wanted and this is none."""
        found = numbers(self._going_on.logs)
        value = found.get(self.monitor)
        self._value = value if value is not None and math.isfinite(value) else None
        if value is None and self.save_best_only and not self._told:
            self._told = True
            names = ", ".join(found) or "nothing"
            warnings.warn(
                f"save_best_only: nothing is saved, the logs have no {self.monitor!r} but {names}",
                KeptWarning,
                stacklevel=2,
            )
        better = self._value is not None and (self.best is None or self._is_better()(self._value, self.best))
        if better:
            self.best = self._value
        if better or not self.save_best_only:
            self._save()

    def _is_better(self) -> Callable[[float, float], bool]:
        mode = self.mode
        if mode == "auto":
            mode = _mode_of(self.monitor.removeprefix("val_"), self.model_as_is)
        return (lambda one, other: one > other) if mode == "max" else (lambda one, other: one < other)

    def _save(self) -> None:
        """Takes the model as it is; the rest is done in the background."""
        self._background.wait()
        self._again = False
        taken = self._take()
        if self._failed is not None and not taken.revives:
            failed, self._failed = self._failed, None
            taken.close()
            raise failed
        training = self._going_on.described(taken.record.state, taken.parts)
        training |= {"monitor": self.monitor, "value": self._value, "best": self.best}
        taken.record.training = training
        is_better = self._is_better() if self._value is not None else _never
        self._background.start(partial(self._write, taken, self._going_on.steps, is_better))

    def _write(self, taken: Taken, steps: int, is_better: Callable[[float, float], bool]) -> None:
        """Writes, proves, names, and removes what is too old; runs in the background."""
        extension = WEIGHTS_EXTENSION if self.save_weights_only else EXTENSION
        path = new_path(self.folder, steps, extension)
        try:
            with Target(path, overwrite=False) as target:
                proving = prover() if self.level is not None and not self.save_weights_only else None
                taken.write(target.file, proving, self._timeout)
                target.commit()
        except VerificationError as error:
            error.path = path
            if self.save_weights_only or self._revive_all:
                raise
            self._failed, self._revive_all, self._again = error, True, True  # described otherwise, it may come back
            return
        except KeptError as error:
            error.path = error.path or path
            raise
        self._failed = None
        remove_old(self.folder, self.max_to_keep, is_better)

    def on_train_begin(self, logs: Any = None) -> None:
        """Called by Keras."""
        if self.is_alone:
            self._going_on.on_train_begin(_nothing, logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""
        if self.is_alone:
            self._going_on.on_epoch_begin(_nothing, epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""
        if self.is_alone:
            self._going_on.on_train_batch_begin(_nothing, batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""
        self._going_on.logs = logs or {}
        if self.is_alone:
            self._going_on.on_train_batch_end(_nothing, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""
        self._going_on.logs = logs or {}
        if self.is_alone:
            self._going_on.on_epoch_end(_nothing, epoch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Called by Keras."""
        if self.is_alone:
            self._going_on.on_train_end(_nothing, logs)


def _nothing(*args: Any) -> None:
    pass


def _never(one: float, other: float) -> bool:
    return False


def _mode_of(name: str, model: Any) -> str:
    """What is better for a metric: as it says itself, else by its name."""
    says = seams.direction(model, name)
    if says is not None:
        return "max" if says == "up" else "min"
    if any(part in name for part in _BETTER_WHEN_LARGER):
        return "max"
    if any(part in name for part in _BETTER_WHEN_SMALLER):
        return "min"
    raise KeptError(
        f"the name {name!r} does not say whether more of it is better",
        where="mode",
        expected='"min" or "max"',
        found='"auto"',
    )


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise KeptError(
            "this is no value for it", where=name, expected=" or ".join(map(repr, choices)), found=repr(value)
        )
    return value


def _positive(name: str, value: Any, other: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise KeptError(
            "this is no value for it", where=name, expected=f"a number from 1 on, {other}", found=repr(value)
        )
    return value


def _level(verify: Level | str | bool) -> Level | None:
    level = Level.WEIGHTS if verify is True else level_of(verify)
    if level is not None and level.includes(Level.OUTPUTS):
        raise SerializationError(
            "a training that goes on cannot be asked for outputs",
            where="verify",
            expected="structure, weights or False",
            found=repr(level.value),
            hint="kept.verify(path) compares them later",
        )
    return level
