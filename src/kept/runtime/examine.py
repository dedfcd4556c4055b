"""What a fresh process of plain Keras would make of a live model. Nothing is trained, nothing is changed."""

from __future__ import annotations

import inspect
import json
import random
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ..errors import KeptError, shown
from ..examination import (
    BASE,
    Argument,
    Change,
    ClassView,
    CompileView,
    Examination,
    FunctionView,
    ObjectView,
    Raised,
)
from . import compile_seams
from . import keras_seams as seams
from .capture import captured_arguments
from .class_views import class_view, function_view, raised
from .config_probe import Probe, altered, asked_for_tuple, differing, probe_all, stand_ins, unwritable_parts
from .construction import plans
from .inference import of_keras
from .rebuilding import Node, Rebuilder
from .rebuilt_changes import changes, is_below, shown_path
from .source_origins import is_local
from .state import ExtraState
from .undisturbed import undisturbed
from .unordered import unordered_sets
from .untold import call_arguments, same_inner_paths, untold
from .walk import Place, own_attributes, walk

__all__ = ["examine"]

_SMALLEST_ID = 1 << 32
_RNGS = (np.random.Generator, np.random.RandomState, random.Random)


def examine(model: Any) -> Examination:
    """Examines a live model.

    Args:
        model: A Keras model; it is left exactly as it was.

    Raises:
        KeptError: It is no Keras model.
    """
    if not isinstance(model, keras.Model):
        raise KeptError("only a Keras model can be checked", expected="a keras.Model", found=repr(type(model)))
    places = list(walk(model))
    with undisturbed(model, places), seams.without_importing_tensorflow():
        return _Examiner(model, places).examination()


def _is_custom(value: Any) -> bool:
    return hasattr(type(value), "get_config") and not seams.is_keras_own(type(value)) and not isinstance(value, type)


class _Examiner:
    """One examination of one model."""

    def __init__(self, model: Any, places: list[Place]) -> None:
        self.model = model
        self.places = places
        self.paths = {id(place.value): place.path for place in places}
        self.live = {place.path: place.value for place in places}
        self.custom = [place for place in places if _is_custom(place.value)]
        self.views: dict[type, ClassView] = {}
        self.rebuilder = Rebuilder()
        self.probes = probe_all(self.custom)
        self.nodes: dict[int, Node] = {}
        self.unwritable: list[Argument] = []

    def examination(self) -> Examination:
        """Everything, in the order of the walk."""
        planned = self._plans()
        with stand_ins(self.custom, self.probes):
            tree = self._described()
            self._describe_compiled()
            rebuilt, failures = self._rebuilt(tree)
        return Examination(
            self.view(type(self.model)),
            tuple(self._objects(rebuilt, failures, planned)),
            tuple(self._functions()),
            tuple(untold(self.model, self.places, rebuilt.get("model"), self.view)),
            unordered_sets(self.places),
            tuple(same_inner_paths(self.places, self.view)),
            tuple(call_arguments(self.model, self.paths, self.view)),
            self._compiled(),
            {place.path: self.view(type(place.value)) for place in self.custom},
        )

    def view(self, kind: type) -> ClassView:
        """The description of a class, made once."""
        if kind not in self.views:
            self.views[kind] = class_view(kind, len(self.views))
        return self.views[kind]

    def _plans(self) -> dict[int, Any]:
        steady = [place for place in self.custom if not self.probes[id(place.value)].changes]
        return dict(plans(steady, ExtraState()))

    def _described(self) -> Any:
        """The config tree of the whole model, or None; fills `nodes`."""
        with _uncompiled([place.value for place in self.places if isinstance(place.value, keras.Model)]):
            try:
                tree, nodes = self.rebuilder.serialize(self.model)
            except Exception:  # which object it is, and why, its own probe tells
                self._describe_apart()
                return None
        self._note(nodes)
        return tree

    def _describe_apart(self) -> None:
        """Each outermost custom object by itself, where the model as a whole has no config."""
        inside: list[str] = []
        for place in self.custom:
            if place.value is self.model or not any(is_below(place.path, one) for one in inside):
                if place.value is not self.model:
                    inside.append(place.path)
                try:
                    self._note(self.rebuilder.serialize(place.value)[1])
                except Exception:
                    self._note([Node(place.value, {})])

    def _note(self, nodes: list[Node]) -> None:
        for node in nodes:
            if id(node.value) in self.paths or not seams.is_keras_own(type(node.value)):
                self.nodes.setdefault(id(node.value), node)

    def _describe_compiled(self) -> None:
        for name, value in compile_seams.compile_settings(self.model).items():
            parts = list(unwritable_parts(name, value))
            self.unwritable += parts
            if not parts:
                try:
                    nodes = self.rebuilder.serialize(value)[1]
                except Exception:
                    continue
                self._note(nodes)
                for node in nodes:
                    self.paths.setdefault(id(node.value), f"model.compile({name})")

    def _path(self, value: Any) -> str:
        return shown_path(self.paths.get(id(value), "model"))

    def _rebuilt(self, tree: Any) -> tuple[dict[str, Any], dict[int, Raised]]:
        """Path -> rebuilt object, and what rebuilding raised by `id` of the live object."""
        rebuilt: dict[str, Any] = {}
        failures: dict[int, Raised] = {}
        whole: Raised | None = None
        failing = any(self.probes[key].fails for key in self.nodes if key in self.probes)
        if tree is not None and not failing:
            try:
                rebuilt["model"] = self.rebuilder.rebuild(tree)
            except Exception as error:
                whole = raised(error)
        for key, node in self.nodes.items():
            probe = self.probes.get(key)
            is_part = "model" in rebuilt and isinstance(node.value, keras.layers.Layer)
            if probe is None or probe.fails or probe.changes or is_part or node.value is self.model or not node.config:
                continue
            try:
                rebuilt[self._path(node.value)] = self.rebuilder.rebuild(node.config)
            except Exception as error:
                failures[key] = raised(error)
        if whole is not None and not failures:
            failures[id(self.model)] = whole
        return rebuilt, _innermost(failures, self.paths)

    def _changes(self, rebuilt: dict[str, Any]) -> dict[str, list[Change]]:
        """Differences by the path of the object that answers for them."""
        owners = sorted((self._path(node.value) for node in self.nodes.values()), key=len, reverse=True)
        found: dict[str, list[Change]] = {}
        for path, again in rebuilt.items():
            live = self.live.get(path)
            if not isinstance(live, keras.layers.Layer):
                continue
            for change in changes(live, again, path):
                whole = change.kind not in ("missing", "class")  # a part that is not there is its maker's affair
                above = (one for one in owners if (whole and one == change.path) or is_below(change.path, one))
                owner = next(above, "model")
                if not self._is_told(change, owner):
                    continue
                if path == "model" or (owner == path and change.kind in ("attribute", "array", "missing", "class")):
                    found.setdefault(owner, []).append(change)
        return found

    def _is_told(self, change: Change, owner: str) -> bool:
        """Whether a difference is the user's: what Keras's own objects note of themselves is theirs to restore."""
        value = self.live.get(change.path)
        if self._holds_ids(own_attributes(value).get(change.name)):
            return False
        if seams.is_keras_own(type(self.live.get(owner))):
            if change.kind in ("attribute", "array"):
                return change.path == owner and change.after == "nothing"
            return not isinstance(value, keras.layers.InputLayer)
        if change.kind not in ("attribute", "array") or is_local(type(value)):
            return True
        return isinstance(value, keras.layers.Layer) and change.kind == "attribute"

    def _holds_ids(self, value: Any) -> bool:
        """Whether a value is nothing but the `id` of objects of the model, which no other process has."""
        if isinstance(value, dict):
            value = set(value)
        ids = isinstance(value, (set, frozenset, list, tuple)) and len(value) > 0
        return ids and all(type(one) is int and one > _SMALLEST_ID for one in value)

    def _objects(
        self, rebuilt: dict[str, Any], failures: dict[int, Raised], planned: dict[int, Any]
    ) -> Iterator[ObjectView]:
        differences = self._changes(rebuilt)
        again = dict(rebuilt)
        if "model" in rebuilt:
            again = {place.path: place.value for place in walk(rebuilt["model"])} | again
        rngs = self._rngs()
        yield from self._of_keras()
        for key, node in self.nodes.items():
            path = self._path(node.value)
            probe = self.probes.get(key)
            if isinstance(node.value, types.FunctionType) or (probe is None and path not in differences):
                if key in failures:
                    yield ObjectView(path, self.view(type(node.value)), rebuild_raises=failures[key])
                continue
            view = self._object(node, probe or Probe({}), again.get(path), planned.get(key), differences.get(path, []))
            yield _with(view, failures.get(key), tuple(rngs.get(path, ())))

    def _object(self, node: Node, probe: Probe, again: Any, plan: Any, differences: list[Change]) -> ObjectView:
        value, path = node.value, self._path(node.value)
        config = probe.config or {}
        described = not (probe.fails or probe.changes)
        later = _config_of(again) if again is not None and described else None
        arrived = later if later is not None else _as_arrived(node, config) if described and again is None else None
        forgotten = _forgotten(value, path, plan, differences, compared=again is not None) if described else ()
        other = differing(config, later) if later is not None else ()
        if "name" in config and hasattr(value, "name") and config["name"] != value.name:
            other = (*other, Argument("name", shown(value.name), shown(config["name"])))
        return ObjectView(
            path, self.view(type(value)), probe.raises, probe.type, probe.changes, probe.unwritable,
            altered(config, arrived, asked_for_tuple(type(value))) if arrived is not None else (),
            tuple(plan.call.drop) if plan is not None and described else (),
            _untold_parameters(value, node) if described else (),
            _nested(node, config) if described else (),
            forgotten, None, other, tuple(differences),
        )  # fmt: skip

    def _of_keras(self) -> Iterator[ObjectView]:
        """Objects of Keras's own classes whose `get_config` forgets an argument that is not at its default."""
        for place in self.places:
            kind = type(place.value)
            if _is_custom(place.value) or not hasattr(kind, "get_config") or not seams.is_keras_own(kind):
                continue
            added = of_keras(place.value)
            lost = added.keys() - place.value.get_config().keys() if added else ()
            if lost:
                parameters = inspect.signature(kind).parameters
                told = (Argument(name, shown(added[name]), shown(parameters[name].default)) for name in sorted(lost))
                yield ObjectView(place.path, self.view(kind), forgotten=tuple(told))

    def _rngs(self) -> dict[str, list[Argument]]:
        owners = sorted((self._path(node.value) for node in self.nodes.values()), key=len, reverse=True)
        found: dict[str, list[Argument]] = {}
        for place in self.places:
            if seams.is_keras_own(type(place.value)) or isinstance(place.value, (types.FunctionType, *_RNGS)):
                continue
            for name, one in own_attributes(place.value).items():
                if isinstance(one, _RNGS) or (type(one).__module__, type(one).__name__) == ("torch._C", "Generator"):
                    owner = next((path for path in owners if path == place.path or is_below(place.path, path)), "model")
                    inner = f"{place.path}.{name}".removeprefix(f"{owner}.")
                    found.setdefault(owner, []).append(Argument(inner, type(one).__name__))
        return found

    def _functions(self) -> Iterator[FunctionView]:
        for node in self.nodes.values():
            value = node.value
            if isinstance(value, types.FunctionType):
                if not seams.is_keras_own(value) or seams.is_mistaken(value):
                    yield function_view(self._path(value), value)
            elif isinstance(node.config.get("config"), str):
                yield function_view(self._path(value), value)

    def _compiled(self) -> CompileView | None:
        optimizer = getattr(self.model, "optimizer", None)
        overridden = compile_seams.compiles_itself(type(self.model))
        if not getattr(self.model, "compiled", False) and not overridden:
            return None
        view = self.view(type(self.model))
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        optimized = seams.optimized_variables(inner) if optimizer is not None and optimizer.built else []
        training = {id(one): one for one in self.model.trainable_variables}
        known = {id(one) for one in optimized}
        decayed = (optimized or list(training.values())) if getattr(inner, "weight_decay", None) else []
        return CompileView(
            view.methods.get("compile") if overridden else None,
            _own_parameters(type(self.model).compile) if overridden else (),
            tuple(self.unwritable),
            tuple(self._path(one) for one in optimized if id(one) not in training),
            tuple(self._path(one) for key, one in training.items() if key not in known) if optimized else (),
            tuple(self._path(one) for one in decayed if not seams.decays(inner, one)),
        )


def _own_parameters(function: Any) -> tuple[str, ...]:
    code = function.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return tuple(one for one in names if one not in keras.Model.compile.__code__.co_varnames)


@contextmanager
def _uncompiled(models: list[Any]) -> Iterator[None]:
    """While it lasts, models tell nothing of `compile`: its arguments are looked at one by one."""
    for model in models:
        vars(model)["get_compile_config"] = lambda: None
    try:
        yield
    finally:
        for model in models:
            vars(model).pop("get_compile_config", None)


def _innermost(failures: dict[int, Raised], paths: dict[int, str]) -> dict[int, Raised]:
    """Without objects that fail because one inside them does."""
    return {
        key: one
        for key, one in failures.items()
        if not any(is_below(paths.get(other, ""), paths.get(key, "model")) for other in failures if other != key)
    }


def _with(view: ObjectView, failure: Raised | None, rngs: tuple[Argument, ...]) -> ObjectView:
    return replace(view, rebuild_raises=failure, rngs=rngs)


def _untold_parameters(value: Any, node: Node) -> tuple[str, ...]:
    """Arguments of which neither the config nor Keras's own note nor an attribute tells the value."""
    if seams.is_keras_own(type(value)):
        return ()
    config = node.config.get("config")
    known = set(captured_arguments(value)) | set(BASE)
    if not isinstance(value, keras.Model):
        known |= set(seams.constructor_arguments(value))
    if isinstance(config, dict) and not _holds_defaults(value):
        known |= set(config)
    try:
        every = list(inspect.signature(type(value).__init__).parameters.values())[1:]
    except (TypeError, ValueError):
        return ()
    named = [one for one in every if one.kind is not one.VAR_KEYWORD and one.name not in known]
    return tuple(f"*{one.name}" if one.kind is one.VAR_POSITIONAL else one.name for one in named)


def _holds_defaults(value: Any) -> bool:
    """Whether the config was made up by Keras, which never sees what a model's constructor was given."""
    return isinstance(value, keras.Model) and seams.is_keras_own(type(value).get_config)


def _nested(node: Node, config: dict[str, Any]) -> tuple[str, ...]:
    """Keys under which the constructor gets the config of an object."""
    written = node.config.get("config")
    method = type(node.value).from_config if hasattr(type(node.value), "from_config") else None
    if not isinstance(written, dict) or not seams.is_keras_own(getattr(method, "__func__", method)):
        return ()
    return tuple(key for key in written if key != "dtype" and key in config and '"class_name"' in _text(written[key]))


def _text(config: Any) -> str:
    return json.dumps(config, default=str)


def _config_of(value: Any) -> dict[str, Any] | None:
    try:
        config = value.get_config()
    except Exception:  # the live one was asked, and did not raise: the difference is told with its attributes
        return None
    return config if isinstance(config, dict) else None


def _as_arrived(node: Node, config: dict[str, Any]) -> dict[str, Any] | None:
    """The config as the constructor gets it, where Keras hands it over; tuples that become lists left out."""
    own = seams.is_keras_own(getattr(type(node.value).from_config, "__func__", type(node.value).from_config))
    if not own or not isinstance(node.config.get("config"), dict):
        return None
    arrived = json.loads(json.dumps(node.config["config"]))
    return {key: one for key, one in arrived.items() if not isinstance(config.get(key), (tuple, list))}


def _forgotten(value: Any, path: str, plan: Any, differences: list[Change], *, compared: bool) -> tuple[Argument, ...]:
    """Arguments that the config lacks, unless the rebuilt object has them all the same."""
    if plan is None or not plan.added:
        return ()
    parameters = inspect.signature(type(value).__init__).parameters
    attributes = own_attributes(value)
    told = {one.name for one in differences if one.path == path} | {
        one.path.removeprefix(path).lstrip(".").split("[")[0].split(".")[0] for one in differences
    }
    found = []
    for name in plan.added:
        names = [one for one in (name, f"_{name}") if one in attributes]
        if compared and names and not told.intersection(names) and isinstance(value, keras.layers.Layer):
            continue
        parameter = parameters.get(name)
        default = parameter.default if parameter is not None else None
        after = "nothing" if parameter is None or default is parameter.empty else shown(default)
        found.append(Argument(name, shown(plan.config[name]), after))
    return tuple(found)
