"""One fit as its checkpoints see it: every hook after those of all other callbacks, and where the training stands."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from ...errors import KeptWarning, MismatchError
from ..backends import as_array
from ..random_streams import RandomStreams
from ..state import ExtraState, assign
from . import fit_seams as seams
from .callback_state import CallbackStates, put_back
from .saved import Saved

if TYPE_CHECKING:
    from .callback import Checkpoint

Hook = Callable[..., None]

__all__ = ["Fit", "Hook", "numbers"]

_HOOKS = (
    "on_train_begin",
    "on_epoch_begin",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_epoch_end",
    "on_train_end",
)


class Fit:
    """The fits of one list of callbacks, one after the other.

    Args:
        callbacks: All callbacks, checkpoints among them.

    Attributes:
        checkpoints: The checkpoints among the callbacks.
        epoch: The epoch that runs, or is the next.
        step: Batches of it that have been trained on.
        calls: Calls of the train function in it.
        steps: Batches that have been trained on in all.
        history: Values of the finished epochs.
        logs: Of the last batch.
    """

    def __init__(self, callbacks: Collection[Any]) -> None:
        self.callbacks = callbacks
        self.checkpoints: list[Checkpoint] = []
        self._reset()

    def _reset(self) -> None:
        self.epoch = self.step = self.calls = self.steps = 0
        self.history: dict[str, list[float]] = {}
        self.logs: Any = {}
        self._states: CallbackStates | None = None
        self._epoch_streams: RandomStreams | None = None
        self._coming: Saved | None = None  # what is put back once the batches before it have passed
        self._metrics: list[tuple[Any, np.ndarray]] = []
        self._left = 0  # calls of the train function that are passed over
        self._initial_epoch: int | None = None
        self._begins_late = False

    @classmethod
    def of(cls, checkpoint: Checkpoint, others: Collection[Any]) -> Fit:
        """The fit of a checkpoint that is being given its model.

        Args:
            checkpoint: The checkpoint.
            others: The other callbacks, where Keras's list of them cannot be found.
        """
        everyone = seams.list_of(checkpoint)
        if everyone is None:
            fit = cls([*others, checkpoint])
        else:
            fit = vars(everyone).get("_kept_fit") or cls(everyone.callbacks)
            if not fit.checkpoints:
                everyone._kept_fit = fit
                for name in _HOOKS:
                    setattr(everyone, name, partial(getattr(fit, name), getattr(everyone, name)))
        fit.checkpoints.append(checkpoint)
        checkpoint.is_alone = everyone is None
        return fit

    @property
    def model(self) -> Any:
        """The model, in whose variables the state of the training is."""
        return self.checkpoints[0].model

    @property
    def others(self) -> list[Any]:
        """The callbacks whose state goes into the checkpoints."""
        passed = (keras.callbacks.ProgbarLogger, type(self.checkpoints[0]))
        return [one for one in self.callbacks if not isinstance(one, passed)]

    def on_train_begin(self, hook: Hook, logs: Any = None) -> None:
        """Continues where the newest checkpoint stands."""
        hook(logs)
        self._reset()
        seams.skip_nothing(self.model_as_is)
        self._states = CallbackStates(self.others)
        for one in self.checkpoints:
            one.begin()
        self._find()
        for one in self.checkpoints:
            one.rehearse()

    def _find(self) -> None:
        """Puts the newest of all checkpoints into the model."""
        found = [(one, entry) for one in self.checkpoints if (entry := one.newest()) is not None]
        if not found:
            return
        chosen, entry = max(found, key=lambda pair: pair[1].steps)
        saved = chosen.put_back(entry)
        for one, its_own in found:
            one.recall(its_own, saved.position.steps)
        self.resume(saved)
        self._go_on(saved, (chosen.params or {}).get("epochs") or 0)

    def resume(self, saved: Saved) -> None:
        """Takes up the counts and the history of a checkpoint."""
        at = saved.position
        self.epoch, self.step, self.steps, self.calls = at.epoch, at.step, at.steps, saved.calls
        self.history = {name: list(values) for name, values in at.history.items()}
        self.logs = saved.logs

    def set_to(self, epoch: int, step: int, steps: int, logs: dict[str, Any]) -> None:
        """Takes what a training loop says of itself."""
        self.epoch, self.step, self.calls, self.steps, self.logs = epoch, step, step, steps, logs
        if not step:
            self._note(logs)

    def _note(self, logs: dict[str, Any]) -> None:
        for name, value in numbers(logs).items():
            self.history.setdefault(name, []).append(value)

    def _go_on(self, saved: Saved, epochs: int) -> None:
        """Lets the fit that begins start where the checkpoint stands."""
        at = saved.position
        if at.step:
            self._coming = saved
            self._metrics = [(one, np.array(as_array(one))) for one in self.model.metrics_variables]
        else:
            put_back(self.others, saved.callbacks)
            saved.streams.put_back()
        ended, self._begins_late = at.finished and not at.step, True
        self._initial_epoch = seams.start_at(self.model, max(at.epoch, epochs) if ended else at.epoch)
        if epochs and (ended or at.epoch >= epochs):
            warnings.warn(
                f"nothing is left to train: the training in {self.checkpoints[0].folder} is at its end. "
                f"Each training has a folder of its own; resume=False begins a new one",
                KeptWarning,
                stacklevel=2,
            )

    def on_epoch_begin(self, hook: Hook, epoch: int, logs: Any = None) -> None:
        """Begins an epoch, or goes on with one that had begun before: its first batches are passed over."""
        saved = self._coming
        self._forget_beginning()
        if saved is None:
            hook(epoch, logs)
            self.epoch, self.step, self.calls = epoch, 0, 0
            self._epoch_streams = RandomStreams.now()
            return
        for one in self.callbacks:
            if isinstance(one, keras.callbacks.ProgbarLogger):
                one.on_epoch_begin(epoch, logs)
        for variable, value in self._metrics:  # which Keras has just reset
            assign(variable, value)
        self._epoch_streams, self._left = saved.epoch_streams, saved.calls
        if saved.epoch_streams is not None:
            saved.epoch_streams.put_back()
        seams.skip_batches(self.model, saved.calls, saved.logs)

    def _forget_beginning(self) -> None:
        """Lets the next fit of the model begin where it wants."""
        if self._begins_late:
            seams.start_at(self.model_as_is, self._initial_epoch)
            self._begins_late = False

    def on_train_batch_begin(self, hook: Hook, batch: int, logs: Any = None) -> None:
        """Is told to the others, but for a batch that was trained on before."""
        if not self._left:
            hook(batch, logs)

    def on_train_batch_end(self, hook: Hook, batch: int, logs: Any = None) -> None:
        """Counts a batch, and lets the checkpoints have a look; the last one that is passed over ends the way back."""
        if not self._left:
            self.logs = logs or {}
            hook(batch, logs)  # in which the checkpoints note the logs, with what the callbacks add to them
            self._count()
            for one in self.checkpoints:
                one.after_batch()
            return
        self._left -= 1
        if not self._left and self._coming is not None:
            saved, self._coming = self._coming, None
            saved.streams.put_back()
            put_back(self.others, saved.callbacks)
            self.model.stop_training = saved.position.finished

    def _count(self) -> None:
        self.calls += 1
        step = self.calls * int(getattr(self.model_as_is, "steps_per_execution", 1) or 1)
        whole = (self.checkpoints[0].params or {}).get("steps")
        step = min(step, whole) if whole else step
        self.steps += step - self.step
        self.step = step

    def on_epoch_end(self, hook: Hook, epoch: int, logs: Any = None) -> None:
        """Ends an epoch, and lets the checkpoints have a look.

        Raises:
            MismatchError: The data have fewer batches than were trained on before.
        """
        if self._left:
            raise MismatchError(
                "the data are not those of the checkpoint: the epoch ended before the batch to go on with",
                expected=f"{self._left} more calls of the train function",
                found="the end of the epoch",
                hint="resume=False begins a new training",
            )
        self.logs = logs or {}
        hook(epoch, logs)
        self.epoch, self.step, self.calls, self._epoch_streams = epoch + 1, 0, 0, None
        self._note(self.logs)
        for one in self.checkpoints:
            one.after_epoch()

    def on_train_end(self, hook: Hook, logs: Any = None) -> None:
        """Ends the training: the last checkpoint is proven, or its error raised."""
        self._forget_beginning()
        hook(logs)
        for one in self.checkpoints:
            one.finish()

    @property
    def model_as_is(self) -> Any:
        """The model, whose variables may not hold the state of the training just now."""
        return self.checkpoints[0].model_as_is

    def described(self, keeper: ExtraState, parts: Collection[int]) -> dict[str, Any]:
        """What of the training goes into a checkpoint, as JSON.

        Args:
            keeper: Takes arrays and references.
            parts: `id` of each object of the model.
        """
        streams = self._epoch_streams
        return {
            "epoch": self.epoch,
            "step": self.step,
            "calls": self.calls,
            "steps": self.steps,
            "history": keeper.encode(self.history),
            "logs": keeper.encode(numbers(self.logs)),
            "stop": bool(getattr(self.model_as_is, "stop_training", False)),
            "callbacks": self._states.encoded(keeper, parts) if self._states else {},
            "build": _build(self.model_as_is, keeper),
            "streams": keeper.encode(RandomStreams.now().to_dict()),
            "epoch_streams": None if streams is None else keeper.encode(streams.to_dict()),
        }


def _build(model: Any, keeper: ExtraState) -> Any:
    """How a model is built that its script leaves to the first batch; None where it does not say."""
    try:
        return keeper.encode(model.get_build_config())
    except Exception:  # the user's code, or shapes of its own kind: the script then has to build it
        return None


def numbers(logs: Any) -> dict[str, float]:
    """The numbers in the logs of a batch or an epoch."""
    arrays = {name: np.asarray(as_array(one)) for name, one in dict(logs).items()}
    return {name: float(one) for name, one in arrays.items() if one.ndim == 0}
