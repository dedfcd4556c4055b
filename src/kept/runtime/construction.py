"""How an object of a user's class is constructed again, where its config alone would not do.

Keras hands the whole config to the constructor: a layer without `**kwargs` then gets `trainable` and `dtype` and
raises TypeError; an argument that `get_config` forgets falls back to its default; a layer in the config arrives as a
dict. The arguments come from the constructor call itself where it was captured, from what Keras noted of it, or from
attributes of the same name. Whether that was right is decided by the round trip.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras

from . import keras_seams as seams
from .capture import captured_arguments, note_call
from .codecs import NotEncodable, Shelf, decode, untracked
from .config_effects import arguments_before
from .custom_compile import compile_arguments
from .inference import MISSING, forgotten, of_keras
from .recorded import Call
from .source_origins import is_local
from .state import ExtraState
from .walk import Place

__all__ = ["Constructor", "completing", "plans"]

_OF_THE_BASE = ("name", "trainable", "dtype", "activity_regularizer", "autocast", "reduction")
_GRAPH = ("layers", "input_layers", "output_layers")
_PLAIN_BASES = (
    keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer, keras.optimizers.Optimizer.__mro__[1],
    keras.optimizers.schedules.LearningRateSchedule, keras.initializers.Initializer, keras.regularizers.Regularizer,
    keras.constraints.Constraint,
)  # fmt: skip


@dataclass(slots=True)
class Plan:
    """A call, and the config that it goes with.

    Attributes:
        call: How to construct the object.
        config: What `get_config` is to return while the model is serialised.
        added: Arguments that `get_config` does not return.
        reason: Why `get_config` alone would not do, for the report.
    """

    call: Call
    config: dict[str, Any]
    added: list[str]
    reason: str


class Constructor:
    """Stands where Keras looks for a class, and constructs it as recorded."""

    def __init__(self, kind: Any, call: Call, shelf: Shelf) -> None:
        self.kind = kind
        self.call = call
        self.shelf = shelf

    def from_config(self, config: Mapping[str, Any]) -> Any:
        """Constructs the object; called by Keras."""
        call, given = self.call, dict(config)
        for key in call.revive:
            given[key] = keras.saving.deserialize_keras_object(given[key])
        for key, code in call.values.items():
            given[key] = decode(code, self.shelf)
        dropped = {key: given.pop(key) for key in call.drop if key in given}
        if isinstance(given.get("dtype"), dict):
            given["dtype"] = _policy(given["dtype"])
        args = [given.pop(key) for key in call.positional]
        args += list(given.pop(call.variadic)) if call.variadic else []
        made = self.kind(*args, **given)
        note_call(made, tuple(args), given)
        _set_afterwards(made, dropped)
        return made


def _policy(config: dict[str, Any]) -> Any:
    """A dtype policy as Keras's own `from_config` hands it over: by name where the name says all."""
    policy = keras.dtype_policies.deserialize(config)
    plain = not isinstance(policy, keras.dtype_policies.DTypePolicyMap) and policy.quantization_mode is None
    return policy.name if plain else policy


def _set_afterwards(made: Any, dropped: Mapping[str, Any]) -> None:
    """What the base class would have taken as a keyword."""
    if not isinstance(made, keras.layers.Layer):
        return
    if "name" in dropped:
        made.name = dropped["name"]
    if dropped.get("trainable") is False:
        made.trainable = False
    if isinstance(dropped.get("dtype"), dict):
        made.dtype_policy = keras.dtype_policies.deserialize(dropped["dtype"])


def plans(places: list[Place], state: ExtraState, *, revive_all: bool = False) -> dict[int, Plan]:
    """A plan for each object of a user's class whose config alone would not bring it back.

    Args:
        places: What `walk(model)` gave.
        state: Takes arrays that arguments hold.
        revive_all: Whether every config of an object inside a config is handed over as that object.

    Returns:
        `id` of the object -> its plan.
    """
    found = {}
    for place in places:
        kind = type(place.value)
        if not hasattr(kind, "get_config") or not hasattr(place.value, "__dict__"):
            continue
        if seams.is_keras_own(kind):
            plan = _plan_of_keras(place.value, state)
        elif is_local(kind) and _constructs_by_keyword(kind):
            plan = _plan(place.value, state, revive_all=revive_all)
        else:
            continue
        if plan is not None:
            found[id(place.value)] = plan
    return found


def _plan_of_keras(value: Any, state: ExtraState) -> Plan | None:
    """A plan for an object of a class of Keras that does not tell its arguments, as `Huber` its `delta`."""
    added = of_keras(value)
    if added:
        reason = f"get_config of Keras's {type(value).__name__} does not tell {', '.join(sorted(added))}"
        return Plan(Call(), value.get_config() | added, sorted(added), reason)
    if not isinstance(value, keras.layers.Layer) or isinstance(value, keras.Model) or _config(value)[1]:
        return None
    plan = _plan(value, state, revive_all=False)  # as `ELU` has none, where its arguments are objects
    return plan if plan is not None and plan.call == Call() else None


def _constructs_by_keyword(kind: type) -> bool:
    """Whether `from_config` is Keras's own, which calls the constructor with the config."""
    method = getattr(kind, "from_config", None)
    return method is None or seams.is_keras_own(getattr(method, "__func__", method))


def _revives(kind: type) -> bool:
    """Whether `from_config` is one of a built-in layer that revives the objects in its config, as Wrapper's is."""
    method = getattr(getattr(kind, "from_config", None), "__func__", None)
    owner = next((base for base in kind.__mro__ if "from_config" in vars(base)), None)
    return method is not None and owner not in (keras.Operation, keras.Model, *_PLAIN_BASES)


def _taken(kind: type) -> set[str] | None:
    """Keys that the constructor takes, with those that it passes on; None where it takes any."""
    names: set[str] = set()
    for base in kind.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        names |= {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
        if base is keras.layers.Layer or not any(p.kind is p.VAR_KEYWORD for p in parameters):
            return names
    return None


def _plan(value: Any, state: ExtraState, *, revive_all: bool) -> Plan | None:
    try:
        parameters = dict(list(inspect.signature(type(value).__init__).parameters.items())[1:])
    except (TypeError, ValueError):
        return None
    config, told = _config(value)
    named = {name: p for name, p in parameters.items() if p.kind is not p.VAR_KEYWORD}
    takes_more = len(named) < len(parameters)
    added = forgotten(value, config, named)
    if added is None:
        return None
    if (
        "name" not in config
        and takes_more
        and isinstance(value, keras.layers.Layer)
        and not seams.has_automatic_name(value)
    ):
        added["name"] = value.name  # Keras forgets it where the keywords are called otherwise than `kwargs`
    config |= added
    corrected = _corrected(value, config)
    config |= corrected
    call = Call(variadic=next((n for n, p in named.items() if p.kind is p.VAR_POSITIONAL), ""))
    if call.variadic not in config:
        call.variadic = ""
    call.positional = _positional(named, call.variadic, config)
    taken = _taken(type(value))
    if taken is not None:
        call.drop = [key for key in config if key not in taken and key != call.variadic]
        _set_by_kept(value, taken, call)
    known = captured_arguments(value)
    for key in [key for key in config if key in named]:
        _keep_faithfully(
            key, config, call, known.get(key, MISSING), state, revive_all=revive_all or _revives(type(value))
        )
    special = any((call.drop, call.revive, call.values, call.positional, call.variadic))
    if told and not added and not corrected and not special:
        return None
    return Plan(call, config, sorted(added), _reason(type(value), call, sorted(added), sorted(corrected), told))


def _set_by_kept(value: Any, taken: set[str], call: Call) -> None:
    """What a layer whose constructor does not take it has nonetheless; `serialize` leaves it out for plain Keras."""
    if not isinstance(value, keras.layers.Layer):
        return
    if "name" not in taken:
        call.values["name"] = value.name  # what a Functional model calls it by, be it only Keras's `dense_1`
    if "dtype" not in taken and value.dtype_policy.name != keras.config.dtype_policy().name:
        call.values["dtype"] = keras.dtype_policies.serialize(value.dtype_policy)
    call.drop += [key for key in call.values if key not in call.drop]


def _corrected(value: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """What `get_config` may tell wrongly: what it changes itself, and a constant name, which two layers would share."""
    found = arguments_before(value)
    if isinstance(value, keras.layers.Layer) and config.get("name", value.name) != value.name:
        found["name"] = value.name
    return found


def _config(value: Any) -> tuple[dict[str, Any], bool]:
    """The config, and whether `get_config` told it; else what the base class alone would tell."""
    functional = isinstance(value, keras.Model) and type(value).get_config is not keras.Model.get_config
    try:
        config = value.get_config()
    except Exception:  # a get_config that raises is exactly what is made good for here
        config = None
    if isinstance(config, dict):
        own = not seams.is_keras_own(type(value).get_config)
        if own or not isinstance(value, keras.Model):
            return dict(config), True
        functional = functional or any(key in config for key in _GRAPH)
        named = inspect.signature(type(value).__init__).parameters
        if functional and not any(key in named for key in ("inputs", "layers")):
            config = {key: one for key, one in config.items() if key not in _GRAPH}
        return {key: one for key, one in config.items() if key in _OF_THE_BASE}, True
    base = {}
    if hasattr(value, "name"):
        base["name"] = value.name
    if isinstance(value, keras.layers.Layer):
        base |= {"trainable": value.trainable, "dtype": keras.dtype_policies.serialize(value.dtype_policy)}
        if value.activity_regularizer is not None:
            base["activity_regularizer"] = value.activity_regularizer
    return base, False


def _positional(named: Mapping[str, inspect.Parameter], variadic: str, config: Mapping[str, Any]) -> list[str]:
    names = [
        n for n, p in named.items() if p.kind is p.POSITIONAL_ONLY or (variadic and p.kind is p.POSITIONAL_OR_KEYWORD)
    ]
    return [name for name in names if name in config]


def _keep_faithfully(
    key: str, config: dict[str, Any], call: Call, original: Any, state: ExtraState, *, revive_all: bool
) -> None:
    """Decides how one argument survives: as JSON, as the config of an object, or as an encoded value."""
    value = config[key]
    if key != "dtype" and _is_json_but_for_tuples(value) and _holds_config(value):
        if revive_all or (original is not MISSING and not _holds_config(original)):
            call.revive.append(key)
        return
    if _is_json(value):
        return
    if _is_as_keras_writes(value):
        call.revive.append(key)
        return
    try:
        code = state.encode(value)
    except NotEncodable:
        if _holds_object(value):
            call.revive.append(key)
        return
    call.values[key] = code
    if not _is_json_but_for_tuples(value):
        config[key] = code


def _is_json(value: Any) -> bool:
    value = untracked(value)
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(_is_json(one) for one in value.values())
    if type(value) is list:
        return all(_is_json(one) for one in value)
    return value is None or type(value) in (bool, int, float, str)


def _is_json_but_for_tuples(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str for key in value) and all(_is_json_but_for_tuples(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return all(_is_json_but_for_tuples(one) for one in value)
    return _is_json(value)


def _holds_config(value: Any) -> bool:
    if isinstance(value, dict):
        return ("class_name" in value and "config" in value) or any(_holds_config(one) for one in value.values())
    return isinstance(value, (list, tuple)) and any(_holds_config(one) for one in value)


def _is_as_keras_writes(value: Any) -> bool:
    """Whether Keras's own config of an argument gives it back: lists and dicts of objects, functions, plain values."""
    value = untracked(value)
    if type(value) is dict:
        return all(type(key) is str and _is_as_keras_writes(one) for key, one in value.items())
    if type(value) is list:
        return all(_is_as_keras_writes(one) for one in value)
    if isinstance(value, type):
        return False
    return _is_json(value) or isinstance(value, types.FunctionType) or hasattr(type(value), "get_config")


def _holds_object(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_object(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds_object(one) for one in value)
    if isinstance(value, (types.FunctionType, type)) or keras.ops.is_tensor(value):
        return True
    return hasattr(type(value), "get_config")


def _reason(kind: type, call: Call, added: list[str], corrected: list[str], told: bool) -> str:
    name = kind.__name__
    if not told:
        return f"{name} has no usable get_config; its arguments are read from its constructor"
    if added:
        return f"{name}.get_config does not return {', '.join(added)}; read from its constructor"
    if corrected:
        return f"{name}.get_config does not return {', '.join(corrected)} as the object was made with"
    if call.drop:
        return f"{name}.__init__ does not take {', '.join(call.drop)}, which Keras hands to it"
    if call.revive:
        return f"{name}.__init__ gets {', '.join(call.revive)} as an object, and not as the config of one"
    if call.values:
        return f"{', '.join(call.values)} of {name} kept as the type it is"
    return f"{name} takes arguments by position"


@contextmanager
def completing(places: list[Place], planned: Mapping[int, Plan]) -> Iterator[None]:
    """While the model is serialised, objects tell their completed config, and models how they were compiled."""
    changed = []

    def tells(value: Any, method: str, answer: Callable[[], dict[str, Any]]) -> None:
        changed.append((vars(value), method, vars(value).get(method, MISSING)))
        vars(value)[method] = answer

    try:
        for place in places:
            plan = planned.get(id(place.value))
            if plan is not None:
                tells(place.value, "get_config", partial(dict, plan.config))
            arguments = compile_arguments(place.value)
            if arguments is not None:
                tells(place.value, "get_compile_config", partial(seams.serialize_object, arguments))
        yield
    finally:
        for namespace, method, before in changed:
            namespace.pop(method, None)
            if before is not MISSING:
                namespace[method] = before
