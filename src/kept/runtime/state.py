"""State of a model that Keras's own saving leaves out: what it is, and how it is put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from ..errors import CorruptFileError, shown
from .compare import Difference, Kind
from .values import NotEncodable, encode
from .walk import Place, is_variable, own_attributes

__all__ = ["ExtraState", "assign", "mend", "untold_variables"]


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
        optimizers: Object path of each optimizer that Keras would leave unbuilt -> object paths of its variables.
        arrays: Arrays that attributes hold, by the name of their tensor; empty once written.
    """

    variables: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[str, str, Any]] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)
    builds: dict[str, Any] = field(default_factory=dict)
    compiled: list[str] = field(default_factory=list)
    compiled_for: list[str] | None = None
    optimizers: dict[str, list[str]] = field(default_factory=dict)
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
            "optimizers": self.optimizers,
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
                {str(path): list(variables) for path, variables in data["optimizers"].items()},
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
