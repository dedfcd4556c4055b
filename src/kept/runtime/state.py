"""State of a model that Keras's own saving leaves out: what it is, and how it is put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from ..errors import CorruptFileError, shown
from .codecs import NotEncodable, encode
from .compare import Difference, Kind
from .references import References
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
        nodes: Configs of the objects of Keras that values hold, by number.
        arrays: Arrays that attributes hold, by the name of their tensor; empty once written.
        references: Classes, functions and objects that values name; empty once written.
    """

    variables: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[str, str, Any]] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)
    builds: dict[str, Any] = field(default_factory=dict)
    compiled: list[str] = field(default_factory=list)
    compiled_for: list[str] | None = None
    nodes: list[dict[str, Any]] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    references: References = field(default_factory=References)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data, without the arrays."""
        return {
            "variables": self.variables,
            "attributes": [list(one) for one in self.attributes],
            "flags": self.flags,
            "builds": self.builds,
            "compiled": self.compiled,
            "compiled_for": self.compiled_for,
            "nodes": self.nodes,
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
                [dict(node) for node in data.get("nodes", [])],
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

    def refer(self, obj: Any, name: str = "") -> str:
        """Keeps a class or function that a value names; returns its token."""
        return self.references.refer(obj, name)

    def keep_object(self, obj: Any) -> int:
        """Keeps an object of Keras that a value holds; returns its number."""
        return self.references.keep_object(obj)

    def encode(self, value: Any) -> Any:
        """A value as JSON; what JSON does not hold is kept here, and nothing of a value that cannot be encoded.

        Raises:
            NotEncodable: The value, or one inside it, has no codec.
        """
        arrays, references = len(self.arrays), self.references.counts()
        try:
            return encode(value, self)
        except NotEncodable:
            for name in list(self.arrays)[arrays:]:
                del self.arrays[name]
            self.references.forget(references)
            raise


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
    wholes: list[str] = []
    for one in found:
        value = live.get(one.path)
        if any(one.path == whole or one.path.startswith((f"{whole}.", f"{whole}[")) for whole in wholes):
            continue  # a part of a value that is now put back as a whole
        if one.kind is Kind.VALUE and one.path not in state.variables:
            state.keep_variable(one.path)
        elif one.kind is Kind.FLAG and one.name == "trainable" and one.path not in state.flags:
            state.flags[one.path] = bool(one.before)
        elif one.kind is Kind.FLAG and one.name == "built" and one.before and one.path not in state.builds:
            if not _keep_build(state, one.path, value):
                continue
        elif one.kind is Kind.ATTRIBUTE and one.name.isidentifier() and (one.path, one.name) not in known:
            try:
                code = state.encode(own_attributes(value)[one.name])
            except (NotEncodable, KeyError, TypeError):
                continue
            state.attributes.append((one.path, one.name, code))
            wholes.append(f"{one.path}.{one.name}")
        else:
            continue
        taken.append(one)
    return taken


def _keep_build(state: ExtraState, path: str, layer: Any) -> bool:
    config = layer.get_build_config()
    try:
        code = state.encode(config)
    except NotEncodable:
        return False
    if not config:
        return False
    state.builds[path] = code
    return True
