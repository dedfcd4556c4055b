"""State of a model that Keras's own saving leaves out: what it is, and how it is put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from ..errors import CorruptFileError, MismatchError, Problem, shown
from . import keras_seams as seams
from .compare import Difference, Kind
from .compiled import is_compiled_part
from .snapshot import as_array
from .values import NotEncodable, decode, encode
from .walk import Place, is_variable, own_attributes, walk

__all__ = ["ExtraState", "apply", "assign", "mend", "untold_variables"]


@dataclass(slots=True)
class ExtraState:
    """What is put back after Keras has loaded.

    Attributes:
        variables: Object path -> name of the tensor that holds the value.
        attributes: (object path, attribute, encoded value).
        flags: Object path -> `trainable` flag, parents before children.
        builds: Object path -> build config of a layer that Keras leaves unbuilt.
        compiled: Object paths of the parts of compiled losses and metrics that were built.
        compiled_for: Object paths of the variables that the optimizer was built for; None when that is what Keras
            would choose by itself.
        arrays: Arrays that attributes hold, by the name of their tensor; empty once written.
    """

    variables: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[str, str, Any]] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)
    builds: dict[str, Any] = field(default_factory=dict)
    compiled: list[str] = field(default_factory=list)
    compiled_for: list[str] | None = None
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data, without the arrays."""
        return {
            "variables": self.variables,
            "attributes": [list(one) for one in self.attributes],
            "flags": self.flags,
            "builds": self.builds,
            "compiled": self.compiled,
            "compiled_for": self.compiled_for,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ExtraState:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: The data have another shape.
        """
        try:
            attributes = [(str(path), str(name), value) for path, name, value in data["attributes"]]
            compiled_for = data.get("compiled_for")
            return cls(
                dict(data["variables"]), attributes, dict(data["flags"]), dict(data["builds"]),
                list(data["compiled"]), None if compiled_for is None else list(compiled_for),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptFileError("kept.state cannot be read", found=shown(data)) from error

    def keep_variable(self, path: str) -> str:
        """Notes that the variable at an object path is kept; returns the tensor's name."""
        return self.variables.setdefault(path, f"_kept/variables/{len(self.variables)}")

    def keep_array(self, array: np.ndarray) -> str:
        """Keeps an array that an attribute holds; returns the tensor's name."""
        name = f"_kept/arrays/{len(self.arrays)}"
        self.arrays[name] = np.array(array)
        return name


def assign(variable: Any, value: Any) -> None:
    """Gives a variable of Keras or of the backend a value of its own shape and dtype."""
    if isinstance(variable, keras.Variable):
        variable.assign(value)
    elif hasattr(variable, "detach"):
        torch = __import__("torch")
        variable.data.copy_(torch.from_numpy(np.array(value)))
    else:
        variable.assign(value)


def untold_variables(places: list[Place], told: set[int]) -> list[str]:
    """Object paths of the variables that Keras's own saving does not write.

    Args:
        places: What `walk(model)` gave.
        told: `id` of each variable that it does write.
    """
    return [place.path for place in places if is_variable(place.value) and id(place.value) not in told]


def mend(state: ExtraState, found: list[Difference], places: list[Place]) -> list[Difference]:
    """Takes what differed after a round trip into the extra state, as far as it can be put back.

    Returns:
        The differences that were taken in; the others cannot be mended.
    """
    live = {place.path: place.value for place in places}
    known = {(path, name) for path, name, _ in state.attributes}
    taken = []
    for one in found:
        value = live.get(one.path)
        if one.kind is Kind.VALUE and one.path not in state.variables:
            state.keep_variable(one.path)
        elif one.kind is Kind.FLAG and one.name == "trainable" and one.path not in state.flags:
            state.flags[one.path] = bool(one.before)
        elif one.kind is Kind.FLAG and one.name == "built" and one.before and one.path not in state.builds:
            if not _keep_build(state, one.path, value):
                continue
        elif one.kind is Kind.ATTRIBUTE and one.name.isidentifier() and (one.path, one.name) not in known:
            try:
                code = encode(own_attributes(value)[one.name], state.keep_array)
            except (NotEncodable, KeyError, TypeError):
                continue
            state.attributes.append((one.path, one.name, code))
        else:
            continue
        taken.append(one)
    return taken


def _keep_build(state: ExtraState, path: str, layer: Any) -> bool:
    config = layer.get_build_config()
    try:
        code = encode(config, state.keep_array)
    except NotEncodable:
        return False
    if not config:
        return False
    state.builds[path] = code
    return True


def _at(model: Any, paths: list[str]) -> dict[str, Any]:
    found = {place.path: place.value for place in walk(model)} if paths else {}
    missing = [path for path in paths if path not in found and not is_compiled_part(path)]
    if missing:
        raise MismatchError(
            "the model has no such part any more",
            problems=[Problem("the file holds state for it", path, found="nothing") for path in missing],
        )
    return found


def build_missing(model: Any, state: ExtraState) -> None:
    """Builds the layers that Keras left unbuilt, outermost first."""
    for path, code in state.builds.items():
        layer = _at(model, [path])[path]
        if not layer.built:
            layer.build_from_config(decode(code, {}))


def set_flags(model: Any, flags: Mapping[str, bool]) -> None:
    """Sets trainable flags, parents first, since a parent's flag is handed down."""
    found = _at(model, list(flags))
    for path in sorted(flags, key=lambda one: (is_variable(found[one]), one.count("."))):
        found[path].trainable = flags[path]


def compile_as_built(model: Any, paths: list[str] | None, compile_model: Callable[[], None]) -> None:
    """Compiles while exactly those variables are trainable for which the optimizer was built."""
    if paths is None:
        compile_model()
        return
    found = _at(model, paths)
    chosen = {id(found[path]) for path in paths}
    flags = [(variable, variable.trainable) for variable in model.variables]
    layers = [(layer, layer.trainable) for layer in seams.flat_layers(model)]
    model.trainable = True
    for variable, _ in flags:
        variable.trainable = id(variable) in chosen
    try:
        compile_model()
    finally:
        for layer, flag in layers:
            layer.trainable = flag
        for variable, flag in flags:
            variable.trainable = flag


def apply(model: Any, state: ExtraState, arrays: Mapping[str, Any]) -> None:
    """Puts variables and attributes back.

    Args:
        model: The loaded model.
        state: The extra state.
        arrays: Tensor name -> array.

    Raises:
        MismatchError: A part of the model is not there, or has another shape.
    """
    found = _at(model, [*state.variables, *(path for path, _, _ in state.attributes)])
    problems = []
    for path, tensor in state.variables.items():
        if path not in found:
            continue
        array = arrays[tensor]
        shape = tuple(as_array(found[path]).shape)
        if shape != tuple(array.shape):
            problems.append(Problem("another shape", path, expected=str(shape), found=str(tuple(array.shape))))
            continue
        assign(found[path], array)
    if problems:
        raise MismatchError("the file does not fit the model", problems=problems)
    for path, name, code in state.attributes:
        if path not in found:
            continue
        setattr(found[path], name, decode(code, arrays))
