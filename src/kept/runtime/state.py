"""State of a model that Keras's own saving leaves out: what it is, and how it is put back."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import keras
import numpy as np

from ..errors import CorruptFileError, shown
from . import backends
from .adapting import Adaptation
from .codecs import NotEncodable, encode
from .references import References
from .walk import Place, is_variable

__all__ = [
    "SETTINGS",
    "ExtraState",
    "assign",
    "is_kept_name",
    "keep_build",
    "keep_builds",
    "setting_from",
    "untold_variables",
]

SETTINGS = {
    "regularizer": (keras.regularizers, keras.regularizers.Regularizer),
    "constraint": (keras.constraints, keras.constraints.Constraint),
}
_IN_GRAPH = re.compile(r"^model$|\.layers\[\d+\]$")


@dataclass(slots=True)
class ExtraState:
    """What is put back after Keras has loaded.

    Attributes:
        variables: Object path -> name of the tensor that holds the value.
        attributes: (object path, attribute, encoded value).
        flags: Object path -> `trainable` flag, parents before children.
        builds: Object path -> build config of a layer that Keras leaves unbuilt.
        compiled: Object path -> kind of each part of compiled losses and metrics that was built.
        compiled_for: Object paths of the variables that the optimizer was built for; None when it was not built.
        trained: Object path of another optimizer of the model -> those of the variables that it was built for.
        meanings: Tensor that Keras writes -> what it means (`meaning.meanings`), in the order of the model's weights.
        adapted: Object path -> how a layer was quantised or given LoRA matrices.
        undecayed: Object path of an optimizer -> those of the variables to which it applies no weight decay.
        settings: (object path of a variable, `regularizer` or `constraint`, Keras's config of it or None).
        nodes: Configs of the objects of Keras that values hold, by number.
        arrays: Arrays that attributes hold, by the name of their tensor; empty once written.
        references: Classes, functions and objects that values name; empty once written.
    """

    variables: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[str, str, Any]] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)
    builds: dict[str, Any] = field(default_factory=dict)
    compiled: dict[str, str] = field(default_factory=dict)
    compiled_for: list[str] | None = None
    meanings: dict[str, str] = field(default_factory=dict)
    adapted: dict[str, Adaptation] = field(default_factory=dict)
    undecayed: dict[str, list[str]] = field(default_factory=dict)
    settings: list[tuple[str, str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    trained: dict[str, list[str]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    references: References = field(default_factory=References)

    def again(self) -> ExtraState:
        """The same, to which more can be added while this one stays."""
        apart = {one.name: copy.copy(getattr(self, one.name)) for one in fields(self)}
        return ExtraState(**{**apart, "references": self.references.again()})

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data, without the arrays."""
        return {
            "variables": self.variables,
            "attributes": [list(one) for one in self.attributes],
            "flags": self.flags,
            "builds": self.builds,
            "compiled": self.compiled,
            "compiled_for": self.compiled_for,
            "meanings": self.meanings,
            "adapted": {path: one.to_dict() for path, one in self.adapted.items()},
            "undecayed": self.undecayed,
            "settings": [list(one) for one in self.settings],
            "nodes": self.nodes,
            "trained": self.trained,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ExtraState:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: The data have another shape.
        """
        try:
            compiled_for = data.get("compiled_for")
            state = cls(
                {str(path): str(name) for path, name in data["variables"].items()},
                [(str(path), str(name), value) for path, name, value in data["attributes"]],
                {str(path): bool(flag) for path, flag in data["flags"].items()},
                dict(data["builds"]),
                {str(path): str(kind) for path, kind in _kinds(data["compiled"]).items()},
                None if compiled_for is None else [str(path) for path in compiled_for],
                {str(name): str(meaning) for name, meaning in data.get("meanings", {}).items()},
                {str(path): Adaptation.from_dict(one) for path, one in data.get("adapted", {}).items()},
                {str(path): [str(one) for one in paths] for path, paths in data.get("undecayed", {}).items()},
                [(str(path), str(name), value) for path, name, value in data.get("settings", ())],
                [dict(node) for node in data.get("nodes", ())],
                {str(path): [str(one) for one in paths] for path, paths in data.get("trained", {}).items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CorruptFileError("kept.state cannot be read", where="metadata.json", found=shown(data)) from error
        strange = [(path, name) for path, name, _ in state.attributes if not is_kept_name(name)]
        strange += [(path, name) for path, name, _ in state.settings if name not in SETTINGS]
        if strange:
            raise CorruptFileError("no model keeps state under this name", where=strange[0][0], found=strange[0][1])
        return state

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


def _kinds(compiled: Any) -> dict[str, str]:
    """Kinds by path; files of before told paths alone."""
    return compiled if isinstance(compiled, dict) else dict.fromkeys(compiled, "")


def is_kept_name(name: str) -> bool:
    """Whether an attribute of this name may be put back; Python gives the others a meaning."""
    return name.isidentifier() and not name.startswith("__")


def assign(variable: Any, value: Any) -> None:
    """Gives a variable of Keras or of the backend a value of its own shape and dtype."""
    if isinstance(variable, keras.Variable):
        variable.assign(value)
    elif hasattr(variable, "detach"):
        variable.data.copy_(backends.adopt(np.array(value)))
    else:
        variable.assign(value)


def untold_variables(places: list[Place], told: set[int]) -> list[str]:
    """Object paths of the variables that Keras's own saving does not write.

    Args:
        places: What `walk(model)` gave.
        told: `id` of each variable that it does write.
    """
    return [place.path for place in places if is_variable(place.value) and id(place.value) not in told]


def keep_build(state: ExtraState, path: str, layer: Any) -> bool:
    """Notes how a layer was built; False where it does not say, or not in a form that can be kept."""
    try:
        config = layer.get_build_config()
        code = state.encode(config)
    except Exception:  # user code, or a shape of its own kind: what stays unbuilt is then told as missing
        return False
    if not config:
        return False
    state.builds[path] = code
    return True


def keep_builds(state: ExtraState, places: list[Place]) -> None:
    """Notes how layers with weights were built that a user's code makes: Keras builds those that a config holds."""
    for place in places:
        layer = place.value
        if isinstance(layer, keras.layers.Layer) and layer.built and layer.weights and not _IN_GRAPH.search(place.path):
            keep_build(state, place.path, layer)


def setting_from(name: str, config: Any) -> Any:
    """One of Keras's own regularizers or constraints; None for what is not."""
    module, base = SETTINGS[name]
    if not isinstance(config, dict) or config.get("module") != module.__name__.replace("keras.api.", "keras."):
        return None
    kind = getattr(module, str(config.get("class_name")), None)
    if not isinstance(kind, type) or not issubclass(kind, base):
        return None
    return getattr(kind, "from_config")(config["config"])  # noqa: B009  a class that mypy knows nothing of
