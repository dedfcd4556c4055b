"""Objects of a live model as plain Keras would build them again in a fresh process: from their configs, after JSON.

Every class and function stands under a name of its own while this is tried, so that a wrong config is told apart from a
name that finds nothing, or finds something else.
"""

from __future__ import annotations

import json
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from . import keras_seams as seams
from .deferral_seams import deferring

__all__ = ["Node", "Rebuilder"]

_TOKEN = "kept-check>"
_LAMBDA = "kept_lambda"


@dataclass(slots=True)
class Node:
    """One object or function that Keras serialised, and the config node that it wrote."""

    value: Any
    config: dict[str, Any]


class Rebuilder:
    """Serialises objects and builds them again, as often as asked."""

    def __init__(self) -> None:
        self._tokens: dict[str, Any] = {}
        self._token_of: dict[int, str] = {}

    def serialize(self, value: Any) -> tuple[Any, list[Node]]:
        """The config tree of a value, with every object and function that got a node of its own.

        Raises:
            Exception: Whatever Keras or the user's code raises.
        """
        nodes: list[Node] = []

        def on_node(obj: object, config: dict[str, Any]) -> None:
            self._name(obj, config)
            nodes.append(Node(obj, config))

        def on_lambda(function: object) -> tuple[dict[str, Any], None, None]:
            nodes.append(Node(function, {}))
            return {_LAMBDA: self._token(function)}, None, None

        with ExitStack() as stack:
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            stack.enter_context(seams.without_importing_tensorflow())
            stack.enter_context(seams.recording_nodes(on_node))
            stack.enter_context(seams.lambda_free(on_lambda))
            stack.enter_context(seams.sharing_objects())
            tree = seams.serialize_object(value)
        return tree, nodes

    def rebuild(self, config: Any) -> Any:
        """Builds what a config tree describes, without its `compile`.

        Raises:
            Exception: Whatever Keras or the user's code raises.
        """
        plain = _without_compile(_named_lambdas(json.loads(json.dumps(config))))
        with _as_in_a_fresh_process(), seams.deserializing(self._tokens, safe_mode=True) as build:
            return build(plain)

    def _token(self, target: Any) -> str:
        if id(target) not in self._token_of:
            token = f"{_TOKEN}{len(self._tokens)}"
            self._token_of[id(target)] = token
            self._tokens[token] = target
        return self._token_of[id(target)]

    def _name(self, obj: Any, config: dict[str, Any]) -> None:
        if isinstance(obj, types.FunctionType):
            if not seams.is_keras_own(obj) or seams.is_mistaken(obj):
                config.update(config=self._token(obj), registered_name=self._token(obj), module="builtins")
        elif isinstance(config.get("config"), str):  # a partial with a name, a tf.function, a class
            token = self._token(obj)
            config.update(class_name="function", config=token, registered_name=token, module="builtins")
        elif not seams.is_keras_own(type(obj)):
            config["registered_name"] = self._token(type(obj))


@contextmanager
def _as_in_a_fresh_process() -> Iterator[None]:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(keras.config.floatx())
    try:
        with warnings.catch_warnings(), deferring():
            warnings.simplefilter("ignore")
            yield
    finally:
        keras.config.set_dtype_policy(policy)


def _mapped(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return change({key: _mapped(child, change) for key, child in value.items()})
    return [_mapped(child, change) for child in value] if isinstance(value, list) else value


def _named_lambdas(config: Any) -> Any:
    """Function nodes for the lambdas that `lambda_free` left a token of."""

    def change(node: dict[str, Any]) -> dict[str, Any]:
        if node.get("class_name") != "__lambda__":
            return node
        inner = node["config"]
        dumped: Any = inner.get("code", inner.get("value"))
        token = (dumped if isinstance(dumped, dict) else dumped[0])[_LAMBDA]
        return {"class_name": "function", "config": token, "registered_name": token, "module": "builtins"}

    return _mapped(config, change)


def _without_compile(config: Any) -> Any:
    return _mapped(config, lambda node: {key: one for key, one in node.items() if key != "compile_config"})
