"""Everything that goes into a file, gathered from a live model without changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import keras
import numpy as np

from ..errors import KeptError, Problem, SerializationError
from ..formats.artifact import NewTensor, Written, checksum
from ..formats.garbage import uncollected
from ..proof import Repair
from . import keras_seams as seams
from .adapting import adaptations
from .backends import as_array
from .causes import raised
from .compiled import compiled_parts
from .construction import completing, plans
from .custom_compile import refuse_unknown_arguments
from .entries import inner_path
from .host_copies import HostCopies, attributes_apart
from .matching import meant_in_order
from .record import Environment, Record, custom_objects_of, versions
from .rounding import Rounding
from .serialize import Serialized, serialize
from .snapshot import Snapshot, take
from .state import ExtraState, keep_builds, untold_variables
from .state_seams import Collected, collect_state
from .undisturbed import undisturbed
from .unordered import refuse_layers_in_sets
from .walk import Place, is_variable, own_attributes, walk

__all__ = ["Draft", "note_order_and_changes", "stock_tensors", "tensor_attributes", "weights_of"]


def new_tensor(value: Any) -> NewTensor:
    """A variable or array to be written; its values are read when its turn has come."""
    if isinstance(value, keras.Variable):
        dtype = keras.backend.standardize_dtype(value.value.dtype)  # JAX has no 64 bits where its user wants none
        return NewTensor(tuple(int(n) for n in value.shape), dtype, lambda: as_array(value))
    array = as_array(value)
    return NewTensor(tuple(array.shape), array.dtype.name, lambda: array)


@dataclass(slots=True)
class Draft:
    """A model on its way into a file; a context manager, since assets lie in a temporary folder.

    Attributes:
        model: The live model.
        places: Its objects by path.
        serialized: Its config.
        snapshot: What a loaded copy is compared with.
        record: kept's own record.
        collected: What Keras itself would write.
        repairs: Objects that are constructed otherwise than Keras would.
        revive_all: Whether every config of an object inside a user's config is handed over as that object.
        embed_source: Whether source goes into the file.
        tensor: Makes a tensor of a variable: of the live one, or of the copy that was taken with the description.
        apart: Attributes as they were described, by object path and name; None where the live ones do.
        rounding: How its weights are stored in half precision; None for as they are.
        fingerprint: Makes the fingerprint once the values have been written; None for a file without one.
    """

    model: Any
    places: list[Place]
    serialized: Serialized
    snapshot: Snapshot
    record: Record
    collected: Collected
    repairs: list[Repair] = field(default_factory=list)
    revive_all: bool = False
    embed_source: bool = True
    rounding: Rounding | None = None
    tensor: Callable[[Any], NewTensor] = new_tensor
    apart: Mapping[tuple[str, str], Any] | None = None
    fingerprint: Callable[[Snapshot], dict[str, Any]] | None = None
    _resources: ExitStack = field(default_factory=ExitStack)
    _listed: int = 0

    @classmethod
    @uncollected()
    def of(
        cls,
        model: Any,
        *,
        embed_source: bool = True,
        revive_all: bool = False,
        rounded_to: str | None = None,
        copies: HostCopies | None = None,
    ) -> Draft:
        """Describes a model.

        Args:
            model: The live model.
            embed_source: Whether source goes into the file.
            revive_all: Whether every config of an object inside a user's config is handed over as that object.
            rounded_to: Half precision that the weights are stored in; None for as they are.
            copies: Takes the values, so that the model may change before they are written.

        Raises:
            SerializationError: Lists every object that cannot be described.
        """
        places = list(walk(model))
        state = ExtraState()
        if copies is not None:
            copies.take(place.value for place in places if is_variable(place.value))
        with undisturbed(model, places):
            refuse_layers_in_sets(places)
            refuse_unknown_arguments(places)
            snapshot = take(model, places, digest=False)
            planned = plans(places, state, revive_all=revive_all)
            with completing(places, planned):
                serialized = serialize(model, places, state)
            collected, resources = _collected(model, places)
        with resources:
            rounding = Rounding.of(rounded_to, model, collected)
            if copies is not None:
                copies.add(value for entry in collected.entries.values() for value in entry.values())
            calls = {path: planned[one].call for path, one in serialized.instances.items() if one in planned}
            record = Record(calls=calls, state=state, environment=_environment(model), made_by=versions())
            told = {id(value) for entry in collected.entries.values() for value in entry.values()}
            for path in untold_variables(places, told):
                record.state.keep_variable(path)
            record.state.compiled = compiled_parts(places)
            note_order_and_changes(record.state, model, places, collected)
            repairs = [Repair(p.path, planned[id(p.value)].reason) for p in places if id(p.value) in planned]
            draft = cls(
                model, places, serialized, snapshot, record, collected, repairs, revive_all, embed_source, rounding,
                new_tensor if copies is None else copies.tensor,
                None if copies is None else attributes_apart(places, snapshot),
            )  # fmt: skip
            draft.list_objects()
            draft._resources = resources.pop_all()
        return draft

    def again(self) -> Draft:
        """The same before anything was written, for other values of the variables; without the assets."""
        collected = replace(self.collected, assets=None)
        return replace(self, record=self.record.again(), collected=collected, _resources=ExitStack())

    def list_objects(self) -> None:
        """Records the custom objects of the config and of every value that is kept by now.

        Raises:
            SerializationError: One of them has no source that could be kept.
        """
        references = self.record.state.references
        self.record.objects, self.record.sources = custom_objects_of(
            {**self.serialized.nodes, **references.named}, references.names, embed_source=self.embed_source
        )
        self._listed = len(references.named)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def attribute(self, path: str, name: str) -> Any:
        """An attribute of one of the model's objects.

        Raises:
            KeyError: There is none that could be written.
        """
        if self.apart is not None:
            return self.apart[path, name]
        return own_attributes(next(one.value for one in self.places if one.path == path))[name]

    @property
    def config(self) -> dict[str, Any]:
        """The config tree for `config.json`."""
        return self.serialized.config

    def tensors(self) -> dict[str, NewTensor]:
        """Everything that goes into the weights, in Keras's order, kept's own last."""
        live = {place.path: place.value for place in self.places}
        found = stock_tensors(self.collected, self.tensor, self.rounding)
        found |= {name: self.tensor(live[path]) for path, name in self.record.state.variables.items()}
        found |= {name: NewTensor.of(np.asarray(one)) for name, one in self.record.state.arrays.items()}
        return found

    def attributes(self) -> dict[str, dict[str, str]]:
        """The names that Keras writes beside the variables of a layer."""
        return tensor_attributes(self.collected)

    def assets(self) -> dict[str, Path]:
        """Files that layers want to be kept, by their path below `assets/`."""
        if self.collected.assets is None:
            return {}
        root = Path(self.collected.assets)
        return {file.relative_to(root).as_posix(): file for file in sorted(root.rglob("*")) if file.is_file()}

    def _told_by(self, written: Written) -> dict[str, tuple[str, str]]:
        """Dtype and digest of each variable as it comes back, by object path; the model's where not written."""
        names = {
            id(value): inner_path(group, key)
            for group, entry in self.collected.entries.items()
            for key, value in entry.items()
        }
        told = {}
        for place in self.places:
            if is_variable(place.value):
                name = self.record.state.variables.get(place.path) or names.get(id(place.value), "")
                record = written.tensors.get(name)
                if self.rounding is not None and id(place.value) in self.rounding.variables:
                    told[place.path] = self.rounding.told(place.value)
                elif record is None:
                    array = self.tensor(place.value).read()
                    told[place.path] = str(array.dtype), checksum(array)
                else:
                    told[place.path] = record.dtype, record.checksum
        return told

    def metadata(self, written: Written) -> dict[str, Any]:
        """The content of `metadata.json`; dates are left out so that the same model gives the same bytes."""
        if self._listed != len(self.record.state.references.named):
            self.list_objects()
        self.record.tensors = {name: one.to_dict() for name, one in written.tensors.items()}
        self.record.weights_crc = written.weights_crc
        self.snapshot = self.snapshot.digested(self._told_by(written))
        if self.fingerprint is not None:
            self.record.fingerprint = self.fingerprint(self.snapshot)
        return {"keras_version": keras.__version__, "date_saved": "", "kept": self.record.to_dict()}


def _environment(model: Any) -> Environment:
    """That in which the model was made, as far as it tells: people reset the global policy afterwards."""
    policy = model.dtype_policy
    plain = getattr(policy, "quantization_mode", None) is None and seams.is_keras_own(type(policy))
    return Environment.with_policy(policy) if plain else Environment.current()


def stock_tensors(
    collected: Collected, tensor: Callable[[Any], NewTensor] = new_tensor, rounding: Rounding | None = None
) -> dict[str, NewTensor]:
    """What Keras itself would write, by inner path."""
    stored = rounding.stored if rounding else lambda _, one: one
    return {
        inner_path(group, key): stored(value, tensor(value))
        for group, entry in collected.entries.items()
        for key, value in entry.items()
    }


def tensor_attributes(collected: Collected) -> dict[str, dict[str, str]]:
    """The names that Keras writes beside the variables of a layer."""
    return {inner_path(path, "").rstrip("/"): {"name": name} for path, name in collected.names.items()}


def _collected(model: Any, places: list[Place]) -> tuple[Collected, ExitStack]:
    try:
        return collect_state(model)
    except KeptError:
        raise
    except Exception as error:
        failing = [problem for place in places if (problem := _state_problem(place))]
        raise SerializationError(
            "the model's state cannot be read", problems=failing or [Problem(raised(error), "model")]
        ) from error


def _state_problem(place: Place) -> Problem | None:
    if not isinstance(place.value, seams.Saveable):
        return None
    try:
        place.value.save_own_variables({})
    except Exception as error:  # the user's code: whatever it raises is what is told
        return Problem(f"{type(place.value).__name__}.save_own_variables raises {raised(error)}", place.path)
    return None


def _trained(optimizer: Any, paths: Mapping[int, str]) -> list[str] | None:
    """Object paths of the variables that an optimizer was built for; None before it is built."""
    if optimizer is None or not optimizer.built:
        return None
    chosen = seams.optimized_variables(getattr(optimizer, "inner_optimizer", optimizer))
    return [paths[id(one)] for one in chosen] if all(id(one) in paths for one in chosen) else None


def note_order_and_changes(state: ExtraState, model: Any, places: list[Place], collected: Collected) -> None:
    """What tensors mean, and what was done to layers and optimizers after they were constructed."""
    state.meanings = meant_in_order(model, collected, places)
    state.adapted = adaptations(places)
    keep_builds(state, places)
    paths = {id(place.value): place.path for place in places if is_variable(place.value)}
    own = getattr(model, "optimizer", None) if getattr(model, "compiled", False) else None
    state.compiled_for = _trained(own, paths)
    for place in places:
        if not isinstance(place.value, keras.optimizers.Optimizer):
            continue
        excluded = seams.exclusions(place.value, model.variables)
        if excluded:
            state.undecayed[place.path] = [paths[id(one)] for one in excluded if id(one) in paths]
        trained = _trained(place.value, paths)
        if trained is not None and place.value is not own and place.value is not getattr(own, "inner_optimizer", None):
            state.trained[place.path] = trained


def weights_of(model: Any) -> Mapping[str, NewTensor]:
    """The tensors of a weights file; every variable by its object path where Keras's own saving fails."""
    try:
        collected, stack = collect_state(model, assets=False)
    except Exception:  # the user's code, which the caller has told of already
        return {inner_path(at.path, "0"): new_tensor(at.value) for at in walk(model) if is_variable(at.value)}
    with stack:
        return stock_tensors(collected)
