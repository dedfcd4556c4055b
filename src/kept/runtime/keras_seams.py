"""Every use of a private Keras API, each behind a small name, each with a fallback.

Tested on Keras 3.10 and the newest release. Nothing outside the modules of seams may import from `keras.src`.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import threading
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.saving import saving_lib, serialization_lib
from keras.src.saving.keras_saveable import KerasSaveable as Saveable
from keras.src.utils import module_utils, naming, python_utils

__all__ = [
    "Saveable",
    "automatic_name",
    "constructor_arguments",
    "decays",
    "deserialize_object",
    "deserializing",
    "exclude_from_decay",
    "exclusions",
    "flat_layers",
    "global_rng",
    "has_automatic_name",
    "inputs_structure",
    "is_automatic_name",
    "is_keras_own",
    "is_mistaken",
    "is_of_the_trainer",
    "lambda_free",
    "made_trainable",
    "name_counters",
    "naming_items",
    "optimized_variables",
    "outputs_structure",
    "recording_nodes",
    "replaced",
    "serialize_object",
    "set_global_rng",
    "share_object",
    "sharing_objects",
    "standing_in",
    "tracked_layers",
    "tracked_variables",
    "unaccepted_keys",
    "update_compiled",
    "without_importing_tensorflow",
]

_GLOBAL_RNG = "global_seed_generator"
_RECORD = serialization_lib.record_object_after_serialization


def is_keras_own(obj: object) -> bool:
    """Whether a class or function is defined by Keras itself."""
    module = getattr(obj, "__module__", None) or ""
    return module == "keras" or module.startswith(("keras.src.", "keras.api.", "keras._tf_keras."))


def is_of_the_trainer(kind: type) -> bool:
    """Whether a class is one that Keras makes for a compiled model, out of what `compile` was given."""
    return (kind.__module__ or "").startswith("keras.src.trainers.")


def is_mistaken(function: object) -> bool:
    """Whether Keras would bring one of its own functions back as another one of the same name (`keras.ops.tanh`)."""
    if not isinstance(function, types.FunctionType):
        return False
    modules = (
        keras.activations,
        keras.constraints,
        keras.initializers,
        keras.losses,
        keras.metrics,
        keras.regularizers,
    )
    found = (getattr(module, function.__name__, None) for module in modules)
    return next((one for one in found if one is not None), function) is not function


_replacing = threading.RLock()


def _renew() -> None:
    """Another thread may hold the lock while this process forks, and nobody would ever release it in the fork."""
    global _replacing
    _replacing = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Gives an attribute another value for a while; other threads that want to do that wait."""
    with _replacing:
        before = getattr(owner, name)
        setattr(owner, name, value)
        try:
            yield
        finally:
            setattr(owner, name, before)


@contextmanager
def without_importing_tensorflow() -> Iterator[None]:
    """Serialising asks whether something is a TF type; elsewhere that must not import the whole of TensorFlow."""
    lazy = getattr(module_utils, "tensorflow", None)
    if lazy is None or not hasattr(lazy, "_available") or "tensorflow" in sys.modules:
        yield
        return
    with replaced(lazy, "_available", False):
        yield


@contextmanager
def recording_nodes(on_node: Callable[[object, dict[str, Any]], None]) -> Iterator[None]:
    """Calls `on_node(live object, its config node)` for each class or function instance that Keras serialises."""
    original = serialization_lib.record_object_after_serialization

    def record(obj: object, config: dict[str, Any]) -> None:
        original(obj, config)
        on_node(obj, config)

    with replaced(serialization_lib, "record_object_after_serialization", record):
        yield


@contextmanager
def standing_in(stand_in: Callable[[Any], dict[str, Any] | None]) -> Iterator[None]:
    """Writes `stand_in(value)` for each value that Keras serialises, where that is not None."""
    original = serialization_lib.serialize_keras_object

    def serialize(obj: Any) -> Any:
        node = stand_in(obj)
        return original(obj) if node is None else node

    with replaced(serialization_lib, "serialize_keras_object", serialize):
        yield


def share_object(obj: object, node: dict[str, Any]) -> None:
    """Lets the nodes that stand for one object give one object again."""
    _RECORD(obj, node)


@contextmanager
def lambda_free(on_lambda: Callable[[object], Any]) -> Iterator[None]:
    """Stands `on_lambda(function)` where Keras would put marshalled bytecode."""
    with replaced(python_utils, "func_dump", on_lambda):
        yield


@contextmanager
def sharing_objects() -> Iterator[None]:
    """Objects met twice are written once, and read back as one object."""
    with serialization_lib.ObjectSharingScope():
        yield


def name_counters() -> dict[str, int]:
    """The live table from which Keras numbers `dense`, `dense_1`, ...; empty where there is none."""
    counters = global_state.get_global_attribute("object_name_uids", None)
    return counters if isinstance(counters, dict) else {}


def automatic_name(kind: type) -> str:
    """The name that Keras gives an unnamed object of a class, without its number."""
    return _snake_case(kind.__name__)


@lru_cache(1024)
def _snake_case(name: str) -> str:
    return str(naming.to_snake_case(name))


class _Naming:
    """Keras's module of names, which names the items of a container by themselves and not by their class alone."""

    def __init__(self, name_of: Callable[[Any], str]) -> None:
        self._name_of = name_of

    def __getattr__(self, name: str) -> Any:
        return getattr(naming, name)

    def to_snake_case(self, name: str) -> Any:
        item = sys._getframe(1).f_locals.get("saveable")  # Keras hands over the name of its class
        return naming.to_snake_case(name if item is None else self._name_of(item))


@contextmanager
def naming_items(name_of: Callable[[Any], str]) -> Iterator[None]:
    """While inner paths are made, each item of a list or dict goes by the class name that `name_of(item)` gives it."""
    with replaced(saving_lib, "naming", _Naming(name_of)):
        yield


def has_automatic_name(layer: Any) -> bool:
    """Whether Keras made up the name of a layer (`dense_3`)."""
    return is_automatic_name(type(layer), layer.name)


def is_automatic_name(kind: type, name: str) -> bool:
    """Whether Keras would make up this name for an object of a class."""
    return re.sub(r"_\d+$", "", name) == automatic_name(kind)


def global_rng() -> Any:
    """Keras's global random generator, or None before its first use."""
    return global_state.get_global_attribute(_GLOBAL_RNG, None)


def torch_uses_cuda() -> bool:
    """Whether Torch has been imported and has begun to use a GPU."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())


def set_global_rng(generator: Any) -> None:
    """Makes a `SeedGenerator` Keras's global one; None lets Keras make a new one when it needs it."""
    global_state.set_global_attribute(_GLOBAL_RNG, generator)


def optimized_variables(optimizer: Any) -> list[Any]:
    """The variables that an optimizer was built for, in their order; empty before it is built."""
    variables = getattr(optimizer, "_trainable_variables", None)
    return list(variables) if variables is not None else []


def inputs_structure(model: Any) -> Any:
    """The nested structure of symbolic inputs of a Functional model; None for others."""
    return getattr(model, "_inputs_struct", None)


def outputs_structure(model: Any) -> Any:
    """The nested structure of symbolic outputs of a Functional or Sequential model; None for others."""
    model = getattr(model, "_functional", None) or model
    return getattr(model, "_outputs_struct", None)


def update_compiled(model: Any, targets: Any, predicted: Any) -> None:
    """Updates the compiled metrics once, and resets them: some make their variables only then, as `R2Score` does."""
    metrics = getattr(model, "_compile_metrics", None)
    if metrics is None:
        return
    try:
        metrics.update_state(targets, predicted)
    except Exception:  # targets of another shape than a metric takes: the next choice is tried
        return
    finally:
        metrics.reset_state()


def constructor_arguments(obj: Any) -> dict[str, Any]:
    """The plain arguments that Keras itself noted when an object was made; empty where it noted none."""
    noted = getattr(obj, "_auto_config", None)
    config = getattr(noted, "config", None)
    return dict(config) if isinstance(config, dict) else {}


def unaccepted_keys(obj: Any, config: Mapping[str, Any]) -> list[str]:
    """Keys of a config that Keras's own `get_config` gave and the constructor it is meant for does not take."""
    kind = type(obj)
    if "layers" in config or not (is_keras_own(kind.get_config) and is_keras_own(kind.from_config)):
        return []
    parameters = inspect.signature(kind.__init__).parameters
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return []
    return [key for key in config if key not in parameters]


def flat_layers(model: Any) -> list[Any]:
    """A layer and all layers below it that Keras tracks."""
    flatten = getattr(model, "_flatten_layers", None)
    return list(flatten()) if callable(flatten) else [model, *getattr(model, "layers", [])]


def tracked_layers(layer: Any) -> list[Any]:
    """The live list from which Keras counts the layers in a layer; one that its user has replaced is left out."""
    found = getattr(layer, "_layers", None)
    return found if type(found) is list else []


def tracked_variables(layer: Any) -> list[list[Any]]:
    """The live lists from which Keras counts a layer's own variables."""
    names = ("_trainable_variables", "_non_trainable_variables")
    return [found for name in names if type(found := getattr(layer, name, None)) is list]


def made_trainable(layer: Any) -> list[Any]:
    """A layer's own variables that were made to be trained, frozen or not."""
    found = getattr(layer, "_trainable_variables", None)
    return list(found) if type(found) is list else []


def decays(optimizer: Any, variable: Any) -> bool:
    """Whether an optimizer applies its weight decay to a variable; True where it does not say."""
    asks = getattr(optimizer, "_use_weight_decay", None)
    return bool(asks(variable)) if callable(asks) else True


def exclusions(optimizer: Any, variables: list[Any]) -> list[Any]:
    """The variables to which an optimizer applies no weight decay, where its user excluded any."""
    if not any(getattr(optimizer, f"_exclude_from_weight_decay{end}", None) for end in ("", "_pattern")):
        return []
    return [one for one in optimized_variables(optimizer) or variables if not decays(optimizer, one)]


def exclude_from_decay(optimizer: Any, variables: list[Any]) -> None:
    """What `exclude_from_weight_decay` does, also for an optimizer that is built."""
    key = getattr(optimizer, "_var_key", id)
    optimizer._exclude_from_weight_decay = {key(one) for one in variables}
    optimizer._exclude_from_weight_decay_pattern = None
    optimizer._exclude_from_weight_decay_cache = {}


def serialize_object(obj: Any) -> Any:
    """Keras's own serialisation, through the module where `recording_nodes` listens."""
    return serialization_lib.serialize_keras_object(obj)


def deserialize_object(node: dict[str, Any], custom_objects: Mapping[str, Any]) -> Any:
    """Keras's own deserialisation of one node."""
    return serialization_lib.deserialize_keras_object(node, dict(custom_objects))


@contextmanager
def _passing_values() -> Iterator[None]:
    """What stands in a config as a value, and not as the config of one, is left as it is."""
    original = serialization_lib.deserialize_keras_object

    def deserialize(config: Any, *args: Any, **kwargs: Any) -> Any:
        is_config = config is None or isinstance(config, (str, int, float, list, tuple, dict))
        return original(config, *args, **kwargs) if is_config else config

    with replaced(serialization_lib, "deserialize_keras_object", deserialize):
        yield


@contextmanager
def deserializing(custom_objects: Mapping[str, Any], *, safe_mode: bool) -> Iterator[Callable[[Any], Any]]:
    """Keras's own deserialisation, with `custom_objects` in front of every registration.

    Yields:
        What turns a config node into an object; nodes that share an id give one object within the scope.
    """

    def build(config: Any) -> Any:
        return serialization_lib.deserialize_keras_object(config, dict(custom_objects), safe_mode=safe_mode)

    scopes = ExitStack()
    with scopes, without_importing_tensorflow():
        scopes.enter_context(serialization_lib.ObjectSharingScope())
        scopes.enter_context(keras.saving.custom_object_scope(dict(custom_objects)))
        scopes.enter_context(serialization_lib.SafeModeScope(safe_mode))
        scopes.enter_context(_passing_values())
        yield build
