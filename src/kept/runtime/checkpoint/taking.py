"""What a checkpoint is made of: a description and copies of the values, taken while the training waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...errors import Problem, VerificationError
from ...formats import keras_archive, weights_h5
from ...formats.artifact import NewTensor, Written, checksum
from ...formats.base import open_artifact
from ...proof import Level
from .. import keras_seams as seams
from ..compiled import compiled_parts
from ..draft import Draft, note_order_and_changes, stock_tensors, tensor_attributes
from ..host_copies import HostCopies
from ..prover import Prover
from ..record import Record, versions
from ..references import References
from ..save import proven, seen_by_others
from ..state import ExtraState, untold_variables
from ..state_seams import Collected, collect_state
from ..unchanged import Unchanged, unchanged
from ..undisturbed import undisturbed
from ..walk import Place, is_variable, walk

__all__ = ["Taken", "Taking", "Weights", "Whole"]

_CHANGES = 3  # so often in a row a model may have changed before it is only asked now and then
_NOW_AND_THEN = 10


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole model."""

    draft: Draft
    level: Level | None

    @property
    def record(self) -> Record:
        """What kept records; the training is added to it."""
        return self.draft.record

    @property
    def parts(self) -> set[int]:
        """`id` of each object of the model."""
        return {id(one.value) for one in self.draft.places}

    @property
    def revives(self) -> bool:
        """Whether anything was described otherwise for `revive_all`."""
        return any(call.revive for call in self.record.calls.values())

    @property
    def places(self) -> list[Place]:
        """The objects of the model."""
        return self.draft.places

    @property
    def collected(self) -> Collected:
        """What Keras itself would write."""
        return self.draft.collected

    @property
    def has_assets(self) -> bool:
        """Whether anything was taken into files."""
        return bool(self.draft.assets())

    def again(self) -> Whole:
        """The same for other values."""
        return replace(self, draft=self.draft.again())

    def close(self) -> None:
        """Removes what was taken into files, the model's assets."""
        with self.draft:
            pass

    def write(self, file: str, proving: Prover | None, timeout: float) -> None:
        """Writes and proves; the live model is not touched.

        Raises:
            VerificationError: What came back is not what was taken.
        """
        with self.draft:
            proven(self.draft, file, _write_archive, proving, self.level, None, None, timeout)


def _write_archive(file: str, draft: Draft) -> Written:
    return keras_archive.write(
        file, config=draft.config, tensors=draft.tensors(), attributes=draft.attributes(), assets=draft.assets(),
        metadata=draft.metadata,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a model, and what else of it changes while it is trained."""

    collected: Collected
    places: list[Place]
    record: Record
    copies: HostCopies
    level: Level | None
    revives: bool = False
    has_assets: bool = False

    def again(self) -> Weights:
        """The same for other values."""
        return replace(self, record=self.record.again())

    @property
    def parts(self) -> set[int]:
        """`id` of each object of the model."""
        return {id(one.value) for one in self.places}

    def close(self) -> None:
        """There is nothing in files."""

    def write(self, file: str, proving: Prover | None, timeout: float) -> None:
        """Writes, and reads every tensor back.

        Raises:
            VerificationError: One differs.
        """
        tensors = self._tensors()
        weights_h5.write(file, tensors, tensor_attributes(self.collected), self._document)
        if self.level is not None:
            _read_back(seen_by_others(file), tensors)

    def _tensors(self) -> dict[str, NewTensor]:
        live = {one.path: one.value for one in self.places}
        found = stock_tensors(self.collected, self.copies.tensor)
        for path, name in self.record.state.variables.items():
            found[name] = self.copies.tensor(live[path])
        return found | {name: NewTensor.of(one) for name, one in self.record.state.arrays.items()}

    def _document(self, written: Written) -> dict[str, Any]:
        self.record.tensors = {name: one.to_dict() for name, one in written.tensors.items()}
        return self.record.to_dict()


def _read_back(file: str, tensors: Mapping[str, NewTensor]) -> None:
    with open_artifact(file) as artifact:
        differing = [
            Problem("the tensor in the file is another one", name)
            for name, one in tensors.items()
            if name not in artifact.tensors or artifact.tensors[name].checksum() != checksum(one.read())
        ]
    if differing:
        raise VerificationError("the file does not hold what the model held", problems=differing)


Taken = Whole | Weights


class _NoReferences(References):
    """A file of weights brings no code along."""

    def _none(self, obj: Any, name: str = "") -> Any:
        from ..codecs import NotEncodable

        raise NotEncodable(obj)

    refer = keep_object = _none


class Taking:
    """Takes one model after each piece of its training; what stays the same is described once.

    Args:
        weights_only: Whether only weights are wanted.
        embed_source: Whether source goes into the file.
        level: How much is proven of it later; None for nothing.
    """

    def __init__(self, *, weights_only: bool, embed_source: bool, level: Level | None) -> None:
        self._weights_only, self._embed_source, self._level = weights_only, embed_source, level
        self.forget()

    def forget(self) -> None:
        """Gives back the memory of the copies, and what is known of the model."""
        self._copies = HostCopies()
        self._before: _Before | None = None
        self._changes = 0

    def take(self, model: Any, *, revive_all: bool = False) -> Taken:
        """Describes a model and copies its values; what was copied before is gone.

        Args:
            model: The live model.
            revive_all: See `Draft.of`.

        Raises:
            SerializationError: Something of the model cannot be written.
        """
        with seams.without_importing_tensorflow():
            before = self._before
            if before is not None and before.is_for(model, revive_all=revive_all):
                self._copies.take(before.variables)
                self._changes = 0
                return before.taken.again()
            taken = self._described(model, revive_all=revive_all)
            is_worth_it = self._changes < _CHANGES or self._changes % _NOW_AND_THEN == 0
            self._before = self._remembered(model, taken, revive_all=revive_all) if is_worth_it else None
            self._changes += 1
            return taken

    def _described(self, model: Any, *, revive_all: bool) -> Taken:
        if self._weights_only:
            return _weights(model, self._copies, self._level)
        draft = Draft.of(model, embed_source=self._embed_source, revive_all=revive_all, copies=self._copies)
        return Whole(draft, self._level)

    def _remembered(self, model: Any, taken: Taken, *, revive_all: bool) -> _Before | None:
        """What the next one may be taken by; None where that has to be described anew."""
        variables = [one.value for one in taken.places if is_variable(one.value)]
        known = set(map(id, variables))
        stored = (value for entry in taken.collected.entries.values() for value in entry.values())
        if taken.has_assets or taken.record.state.arrays or any(id(value) not in known for value in stored):
            return None  # what was taken besides may be made of the values of variables
        found = unchanged(model, taken.places)
        return None if found is None else _Before(model, revive_all, found, variables, taken.again())


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """How a model was taken the last time."""

    model: Any
    revive_all: bool
    unchanged: Unchanged
    variables: list[Any]
    taken: Taken

    def is_for(self, model: Any, *, revive_all: bool) -> bool:
        """Whether it holds for a model."""
        return self.model is model and self.revive_all == revive_all and self.unchanged.holds()


def _weights(model: Any, copies: HostCopies, level: Level | None) -> Weights:
    places = list(walk(model))
    copies.take(one.value for one in places if is_variable(one.value))
    with undisturbed(model, places):
        collected, stack = collect_state(model, assets=False)
        stack.close()
    copies.add(value for entry in collected.entries.values() for value in entry.values())
    state = ExtraState(references=_NoReferences())
    told = {id(value) for entry in collected.entries.values() for value in entry.values()}
    for path in untold_variables(places, told):
        state.keep_variable(path)
    state.compiled = compiled_parts(places)
    note_order_and_changes(state, model, places, collected)
    return Weights(collected, places, Record(state=state, made_by=versions()), copies, level)
