"""A plain-data description of a live model, made without changing it, that another process can make too."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import keras
import numpy as np

from ..errors import CorruptFileError
from ..formats.artifact import checksum
from . import keras_seams as seams
from .backends import as_array
from .codecs import NotEncodable, encode
from .config_effects import arguments_before
from .identity import DIGESTS, class_identity, function_identity
from .walk import Place, is_variable, own_attributes, walk

__all__ = ["ObjectView", "Snapshot", "VariableView", "take", "view_object", "view_variable"]


@dataclass(frozen=True, slots=True)
class VariableView:
    """One variable: dtype, shape, digest of its bytes, and what training does with it."""

    dtype: str
    shape: tuple[int, ...]
    digest: str
    trainable: bool = True
    regularizer: str = ""
    constraint: str = ""


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object: its class, its flags, and each attribute that is not Keras's own, as encoded by `codecs`."""

    kind: str
    flags: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A live model as plain data, by object path."""

    objects: Mapping[str, ObjectView]
    variables: Mapping[str, VariableView]
    functions: Mapping[str, str]

    def digested(self, told: Mapping[str, tuple[str, str]]) -> Snapshot:
        """The same, with dtype and digest of variables that were left out: object path -> (dtype, digest)."""
        views = {
            path: replace(view, dtype=told[path][0], digest=told[path][1]) if path in told else view
            for path, view in self.variables.items()
        }
        return replace(self, variables=views)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {
            "objects": {path: [v.kind, dict(v.flags), dict(v.attributes)] for path, v in self.objects.items()},
            "variables": {
                path: [v.dtype, list(v.shape), v.digest, v.trainable, v.regularizer, v.constraint]
                for path, v in self.variables.items()
            },
            "functions": dict(self.functions),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Snapshot:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: The data have another shape.
        """
        try:
            return cls(
                {path: ObjectView(*one) for path, one in data["objects"].items()},
                {path: VariableView(one[0], tuple(one[1]), *one[2:]) for path, one in data["variables"].items()},
                dict(data["functions"]),
            )
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
            raise CorruptFileError("the fingerprint cannot be read", where="metadata.json") from error


def _settings(value: Any) -> str:
    """A regularizer or constraint in a form that can be compared."""
    if value is None:
        return ""
    try:
        return json.dumps([type(value).__name__, value.get_config()], sort_keys=True, default=str)
    except Exception:  # user code: its own failure is reported where the config is serialised
        return type(value).__name__


def view_variable(variable: Any, *, digest: bool = True) -> VariableView:
    """Describes one variable; its value is read and digested, unless `digest` is false."""
    array = as_array(variable) if digest else None
    return VariableView(
        "" if array is None else str(array.dtype),
        tuple(int(n) for n in variable.shape),
        "" if array is None else checksum(array),
        bool(getattr(variable, "trainable", True)),
        _settings(getattr(variable, "regularizer", None)),
        _settings(getattr(variable, "constraint", None)),
    )


def stable_name(layer: Any) -> str:
    """Name of a layer, without the number of a name that Keras made up (`dense_3` is `dense`)."""
    return seams.automatic_name(type(layer)) if seams.has_automatic_name(layer) else str(layer.name)


def _flags(value: Any) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if isinstance(value, keras.layers.Layer):
        policy = value.dtype_policy
        flags = {"name": stable_name(value), "trainable": bool(value.trainable), "built": bool(value.built)}
        flags |= {"dtype": policy.name, "quantized": getattr(policy, "quantization_mode", None)}
        flags["supports_masking"] = bool(value.supports_masking)
    if isinstance(value, keras.Model):
        flags["compiled"] = bool(value.compiled)
        if value.compiled:
            flags |= {"run_eagerly": bool(value.run_eagerly), "jit_compile": bool(value.jit_compile)}
            flags["steps_per_execution"] = int(value.steps_per_execution)
    return flags


_PLAIN = frozenset({type(None), bool, int, str})
_BUILT = frozenset({"built", "_trainable_variables_indices"})


def _is_derived(value: Any, name: str) -> bool:
    """Whether an attribute follows from others, or is made anew by each process."""
    if name == "seed" and vars(value).get("_init_seed", 0) is None:
        return True  # drawn by an initializer that was given none
    if isinstance(value, keras.optimizers.Optimizer) and name in _BUILT:
        return True
    return seams.is_keras_own(type(value)) and (
        seams.is_of_the_trainer(type(value)) or (isinstance(value, keras.layers.Layer) and name.startswith("_"))
    )


def _tells_addresses(attribute: Any, objects: Collection[int]) -> bool:
    """Whether a value is made of what `id` says of parts of the model, which no other process can know."""
    if isinstance(attribute, (dict, set, frozenset, list, tuple)):
        return any(type(one) is int and one in objects for one in attribute)
    return type(attribute) is int and attribute in objects


def view_object(
    value: Any,
    variable_paths: Mapping[int, str],
    objects: Collection[int] = (),
    identity: Callable[[type], str] = class_identity,
) -> ObjectView:
    """Describes one object; attributes that no codec knows are left to the walk.

    Args:
        value: The object.
        variable_paths: `id` of each variable of the model -> its object path.
        objects: `id` of each part of the model.
        identity: Tells a class from others.
    """
    attributes: dict[str, Any] = {}
    # what get_config does to its own object is no state of the model
    changed = () if seams.is_keras_own(type(value)) else arguments_before(value)
    for name, attribute in own_attributes(value).items():
        if name in changed or _is_derived(value, name) or _tells_addresses(attribute, objects):
            continue
        try:
            code = encode(attribute, DIGESTS)
        except NotEncodable:
            continue
        attributes[name] = code if type(code) in _PLAIN else json.loads(json.dumps(code))
    if isinstance(value, keras.optimizers.Optimizer):
        optimized = seams.optimized_variables(value)
        if value.built:
            attributes["<variables>"] = [variable_paths.get(id(one), "?") for one in optimized]
            attributes["<decays>"] = [seams.decays(value, one) for one in optimized]
    return ObjectView(identity(type(value)), _flags(value), attributes)


def take(model: Any, places: Iterable[Place] | None = None, *, digest: bool = True) -> Snapshot:
    """Takes the snapshot of a live model.

    Args:
        model: A Keras model.
        places: What `walk(model)` gave, when the caller has it already.
        digest: Whether the values of variables are read; without, `Snapshot.digested` takes them in later.
    """
    found = list(walk(model) if places is None else places)
    variable_paths = {id(place.value): place.path for place in found if is_variable(place.value)}
    addresses = {id(place.value) for place in found}
    identity = cache(class_identity)
    objects: dict[str, ObjectView] = {}
    variables: dict[str, VariableView] = {}
    functions: dict[str, str] = {}
    for place in found:
        value = place.value
        if is_variable(value):
            variables[place.path] = view_variable(value, digest=digest)
        elif isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) or hasattr(value, "python_function"):
            functions[place.path] = function_identity(value)
        elif not isinstance(value, (np.ndarray, np.generic, types.MethodType)):
            objects[place.path] = view_object(value, variable_paths, addresses, identity)
    return Snapshot(objects, variables, functions)
