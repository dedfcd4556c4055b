"""A live model to the config tree of `config.json`, with every custom object in it recorded."""

from __future__ import annotations

import functools
import types
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import keras

from ..errors import Problem, SerializationError, shown
from ..tree.paths import step
from . import keras_seams as seams
from .causes import raised
from .compiled import is_compiled_part
from .nodes import nodes_of
from .state import ExtraState
from .value_nodes import stand_ins
from .walk import Place

__all__ = ["Serialized", "serialize"]

_MARK = "kept_object"
_LAMBDA = "<lambda>"
_AS_IS = frozenset({type(None), bool, int, float})
_NAMED_ONLY = (
    types.BuiltinFunctionType,
    types.MethodType,
    functools.partial,
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
)


@dataclass(slots=True)
class Serialized:
    """A model as Keras writes it.

    Attributes:
        config: The config tree, JSON-able.
        nodes: Path in the tree (`config.layers[1]`) -> the custom class or function that this node stands for.
        instances: Path in the tree -> `id` of the live object that was serialised there.
    """

    config: dict[str, Any]
    nodes: dict[str, Any] = field(default_factory=dict)
    instances: dict[str, int] = field(default_factory=dict)


def serialize(model: Any, places: list[Place], state: ExtraState) -> Serialized:
    """Serialises a model.

    Args:
        model: A Keras model.
        places: What `walk(model)` gave; used to name the object that fails.
        state: Takes what values in the config need beside, and gets the configs of the objects that values hold.

    Raises:
        SerializationError: Lists every object whose config cannot be had or cannot be written, with its object path.
    """
    seen: list[Any] = []
    instances: dict[int, int] = {}
    unwritable: list[Any] = []

    def mark(obj: object, config: dict[str, Any]) -> None:
        target = obj if isinstance(obj, (type, types.FunctionType)) or hasattr(obj, "python_function") else type(obj)
        if target in _NAMED_ONLY:
            raise TypeError(f"{shown(obj)} cannot be written")  # Keras writes the name, and nothing finds it again
        own = seams.is_keras_own(target) and not seams.is_mistaken(target)
        if not own and getattr(target, "__module__", "") != "builtins":
            seen.append(target)
            config[_MARK] = len(seen) - 1
            instances[len(seen) - 1] = id(obj)
            inner = config["config"]
            if isinstance(obj, types.FunctionType):
                config["config"] = f"{_MARK}:{len(seen) - 1}"  # a name that Keras has is one that it looks up itself
            elif isinstance(inner, dict) and hasattr(type(obj), "get_config"):
                for key in seams.unaccepted_keys(obj, inner):
                    del inner[key]

    def on_lambda(function: object) -> tuple[dict[str, Any], None, None]:
        seen.append(function)
        return {_MARK: len(seen) - 1}, None, None

    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", message=".*includes a `lambda`")
        stack.enter_context(seams.without_importing_tensorflow())
        stack.enter_context(seams.recording_nodes(mark))
        stack.enter_context(seams.lambda_free(on_lambda))
        stack.enter_context(seams.sharing_objects())
        stack.enter_context(seams.standing_in(stand_ins(state, unwritable)))
        try:
            tree = seams.serialize_object(model)
            trees = [seams.serialize_object(one) for one in state.references.objects]  # which may grow meanwhile
        except Exception as error:
            raise _failure(error, places, unwritable) from error
    if unwritable:
        raise _unwritable(unwritable, places)
    state.references.complete = True
    result = Serialized({})
    problems: list[Problem] = []
    marks: dict[str, int] = {}
    config = _plain(tree, "", seen, marks, problems)
    state.nodes = [_plain(one, f"#{number}", seen, marks, problems) for number, one in enumerate(trees)]
    if problems:
        raise SerializationError(
            "the config holds values that JSON cannot", problems=problems, hint="let get_config return plain values"
        )
    _number_shared([config, *state.nodes])
    result.config = config
    result.nodes = {path: seen[mark] for path, mark in marks.items()}
    result.instances = {path: instances[mark] for path, mark in marks.items() if mark in instances}
    return result


def _failure(error: Exception, places: list[Place], unwritable: list[Any]) -> SerializationError:
    """Asks every object for its config, so that all that fail are named, not the first."""
    problems = []
    for place in places:
        if not isinstance(place.value, seams.Saveable) and not hasattr(type(place.value), "get_config"):
            continue
        if is_compiled_part(place.path):
            continue  # made by Keras of what is asked for itself
        problem = _config_problem(place)
        if problem is not None:
            problems.append(problem)
    # Whatever holds an object that has no config has none either: the fault is with the innermost ones.
    innermost = [p for p in problems if not any(_is_below(q.where, p.where) for q in problems)]
    if not innermost and unwritable:
        return _unwritable(unwritable, places)
    if not innermost:
        innermost = [Problem(f"cannot be serialised: {raised(error)}", "model")]
    return SerializationError(
        "the model was not saved; it cannot be described" if len(innermost) == 1 else "objects cannot be described",
        problems=innermost,
    )


def _unwritable(values: list[Any], places: list[Place]) -> SerializationError:
    paths = {id(place.value): place.path for place in places}
    kinds = {type(value).__name__: value for value in values}
    return SerializationError(
        "the model holds a value that nothing can write",
        problems=[
            Problem(f"no codec knows {kind}", paths.get(id(value), "model"), found=shown(value))
            for kind, value in kinds.items()
        ],
        hint=_two_ways(values[0]),
    )


def _two_ways(value: Any) -> str:
    name = type(value).__name__
    return (
        f"give {name} the methods __kept_encode__ and __kept_decode__, or "
        f"kept.register_codec({name}, encode=..., decode=...)"
    )


def _is_below(path: str, parent: str) -> bool:
    return path.startswith(parent) and path[len(parent) : len(parent) + 1] in (".", "[", "{")


def _config_problem(place: Place) -> Problem | None:
    name = type(place.value).__name__
    try:
        config = place.value.get_config()
    except Exception as error:
        return Problem(
            f"{name}.get_config raises {raised(error)}",
            place.path,
            hint=f"write {name}.get_config so that it returns the arguments of __init__",
        )
    if isinstance(config, dict):
        unwritable = {key: value for key, value in config.items() if not _is_writable(value)}
        if not unwritable:
            return None
        return Problem(
            f"{name}.get_config returns what cannot be written",
            place.path,
            expected="plain values, functions, and objects with get_config",
            found=", ".join(f"{key}={shown(value)}" for key, value in unwritable.items()),
            hint=f"return what it can be made from again, or {_two_ways(next(iter(unwritable.values())))}",
        )
    return Problem(
        f"{name}.get_config returns no dict",
        place.path,
        expected="a dict of the arguments of __init__",
        found=shown(config),
        hint="return super().get_config() | {...}",
    )


def _is_writable(value: Any) -> bool:
    unwritable: list[Any] = []
    try:
        with seams.standing_in(stand_ins(ExtraState(), unwritable)):
            seams.serialize_object(value)
    except Exception:  # whatever Keras or an object in it raises: the caller names the place
        return False
    return not unwritable


def _plain(value: Any, path: str, seen: list[Any], marks: dict[str, int], problems: list[Problem]) -> Any:
    """The tree with marks taken out and recorded, lambdas as function nodes, and only JSON values."""
    if isinstance(value, dict):
        value = dict(value)
        marked = value.pop(_MARK, None)
        if value.get("class_name") == "__lambda__":
            marked = _lambda_mark(value["config"])
            value = _function_node(_LAMBDA)
        if marked is not None:
            marks[path] = marked
            if hasattr(seen[marked], "python_function"):
                value = _function_node(seen[marked].__name__)
        odd = [key for key in value if not isinstance(key, str)]
        problems += [Problem("a key of a dict is no string", path, "a string", shown(key)) for key in odd]
        return {
            key: child if type(child) in _AS_IS else _plain(child, step(path, key), seen, marks, problems)
            for key, child in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            child if type(child) in _AS_IS else _plain(child, f"{path}[{i}]", seen, marks, problems)
            for i, child in enumerate(value)
        ]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.startswith(_MARK + ":"):
        return str(keras.saving.get_registered_name(seen[int(value.partition(":")[2])]))
    return _scalar(value, path, problems)


def _scalar(value: Any, path: str, problems: list[Problem]) -> Any:
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    problems.append(Problem("JSON cannot hold this value", path, "a plain value", shown(value)))
    return None


def _function_node(name: str) -> dict[str, Any]:
    """A function as Keras writes it; stock Keras finds it again under this name in `custom_objects`."""
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def _lambda_mark(config: dict[str, Any]) -> int:
    """Keras keeps a dumped lambda under `value` as a triple, a Lambda layer keeps its parts under three keys."""
    dumped: Any = config.get("code", config.get("value"))
    return int((dumped if isinstance(dumped, dict) else dumped[0])[_MARK])


def _number_shared(config: list[dict[str, Any]]) -> None:
    """Numbers shared objects in their order; Keras takes their addresses, which no two processes have in common."""
    numbers: dict[Any, int] = {}
    for _, node in nodes_of(config):
        if "class_name" in node and "shared_object_id" in node:
            node["shared_object_id"] = numbers.setdefault(node["shared_object_id"], len(numbers) + 1)
