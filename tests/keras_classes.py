"""What the source of one class of Keras tells, and an instance of it where simple arguments make one."""

import ast
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import keras

ARGUMENTS = {
    "activation": lambda: "relu",
    "cell": lambda: keras.layers.LSTMCell(2),
    "cells": lambda: [keras.layers.LSTMCell(2)],
    "default_optimizer": keras.optimizers.SGD,
    "dims": lambda: (1,),
    "factor": lambda: 0.5,
    "feature_names": lambda: ("one", "two"),
    "features": lambda: {"one": "float"},
    "fn": lambda: keras.losses.mean_squared_error,
    "function": lambda: keras.ops.abs,
    "height_factor": lambda: 0.5,
    "inner_optimizer": keras.optimizers.SGD,
    "layer": lambda: keras.layers.LSTM(2),
    "learning_rate": lambda: 0.5,
    "precision": lambda: 0.5,
    "rate": lambda: 0.5,
    "recall": lambda: 0.5,
    "sensitivity": lambda: 0.5,
    "specificity": lambda: 0.5,
    "stddev": lambda: 0.5,
    "target_class_ids": lambda: (0,),
    "target_shape": lambda: (2,),
    "width_factor": lambda: 0.5,
}
"""What a constructor must be given, by the name of the parameter; 2 for all other names."""

OF_ONE = {
    "AWQDTypePolicy": lambda: {"mode": "awq/4/-1", "source_name": "float32"},
    "CategoryEncoding": lambda: {"num_tokens": 2},
    "Discretization": lambda: {"num_bins": 2},
    "Feature": lambda: {"dtype": "float32", "preprocessor": keras.layers.Identity(), "output_mode": "float"},
    "Functional": lambda: {"inputs": (made := keras.Input((2,))), "outputs": made},
    "GPTQDTypePolicy": lambda: {"mode": "gptq/4/-1", "source_name": "float32"},
    "InputLayer": lambda: {"shape": (2,)},
    "Int4DTypePolicy": lambda: {"mode": "int4/-1", "source_name": "float32"},
    "PiecewiseConstantDecay": lambda: {"boundaries": (1,), "values": (1.0, 2.0)},
    "QuantizedDTypePolicy": lambda: {"mode": "int8", "source_name": "float32"},
    "QuantizedFloat8DTypePolicy": lambda: {"mode": "float8", "source_name": "float32"},
    "RandomPosterization": lambda: {"factor": 2},
}
"""What one class must be given, by its name."""


@dataclass(frozen=True)
class SourceFacts:
    """What the source of a class says; the texts are words."""

    attributes: str
    extra_keywords: str
    open: bool
    revives: str
    refuses: bool


@cache
def statements(file):
    """The class statements of a file by name."""
    tree = ast.parse(Path(file).read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def method(cls, name):
    """The definition of a method in the class itself, or None."""
    body = statements(sys.modules[cls.__module__].__file__)[cls.__name__].body
    found = [one for one in body if isinstance(one, ast.FunctionDef) and one.name == name]
    return found[-1] if found else None


def source_facts(cls):
    constructor, config, revival = (method(cls, name) for name in ("__init__", "get_config", "from_config"))
    return SourceFacts(
        attributes=words(assigned(constructor, method(cls, "_initialize_tracker"))),
        extra_keywords=words(extra_keywords(cls)),
        open=constructor is not None and takes_anything(cls),
        revives=words(keys_used(revival, "pop", "get")) if revival and "deserialize" in ast.unparse(revival) else "",
        refuses=config is not None and refuses(config),
    )


def words(names):
    return " ".join(sorted(set(names)))


def assigned(*functions):
    """The attributes of `self` that functions assign."""
    for node in (node for function in functions if function for node in ast.walk(function)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


def refuses(function):
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.unparse(body[0])


def keys_used(function, *calls, contexts=(ast.Load, ast.Store, ast.Del)):
    """The keys with which a function indexes dicts or calls these methods of them."""
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, contexts):
            yield from texts([node.slice])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls:
            yield from texts(node.args[:1])


def texts(nodes):
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def own_keywords(cls):
    """The names that the constructor of a class lists; `**kwargs` is not among them."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {one.name for one in list(inspect.signature(cls.__init__).parameters.values())[1:] if one.kind in kinds}


def extra_keywords(cls):
    """The names that `**kwargs` of the constructor takes: those popped from it, and those of the next constructor."""
    constructor = method(cls, "__init__")
    if constructor is None or constructor.args.kwarg is None:
        return set()
    kwargs = constructor.args.kwarg.arg
    popped = {
        name
        for node in ast.walk(constructor)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{kwargs}.pop"
        for name in texts(node.args[:1])
    }
    passed = set().union(*(accepted_by(target, call) for target, call in next_constructors(cls, constructor)))
    return popped | (passed - own_keywords(cls))


def next_constructors(cls, constructor):
    """Calls of another constructor that pass `**kwargs` on, each with the class whose constructor that is."""
    kwargs = constructor.args.kwarg.arg
    for node in ast.walk(constructor):
        on = isinstance(node, ast.Call) and any(
            one.arg is None and ast.unparse(one.value) == kwargs for one in node.keywords
        )
        if on and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__":
            target = ast.unparse(node.func.value)
            if target.startswith("super("):
                yield next(one for one in cls.__mro__[1:] if "__init__" in vars(one)), node
            else:
                yield named(cls, target), node


def named(cls, target):
    """The class that a name in the module of a class means."""
    if target == "functional.Functional":  # keras.Model imports it where it calls it
        return keras.src.models.functional.Functional
    return eval(target, vars(sys.modules[cls.__module__]))


def accepted_by(target, call):
    """The keywords that a constructor takes besides those that the call gives it by name or by place."""
    if not target.__module__.startswith("keras."):
        return set()
    owner = next(one for one in target.__mro__ if "__init__" in vars(one))
    listed = list(inspect.signature(owner.__init__).parameters)[1:]
    places = [one for one in call.args if not isinstance(one, ast.Starred) and ast.unparse(one) != "self"]
    given = {one.arg for one in call.keywords} | set(listed[: len(places)])
    return (own_keywords(owner) | extra_keywords(owner)) - given


def takes_anything(cls):
    """Whether `**kwargs` of the constructor swallows names that no constructor knows."""
    constructor = method(cls, "__init__")
    if constructor.args.kwarg is None:
        return False
    kwargs = constructor.args.kwarg.arg
    raises = any(
        isinstance(node, ast.If)
        and kwargs in ast.unparse(node.test)
        and any(isinstance(one, ast.Raise) for one in node.body)
        for node in ast.walk(constructor)
    )
    onward = list(next_constructors(cls, constructor))
    return not raises and not onward


@cache
def config_keys(cls):
    """The keys of what `super().get_config()` returns in a subclass, and those that it may have besides."""
    made = keys_of_instance(cls)
    always, sometimes = written_keys(cls)
    keys = always if made is None else made
    return {} if keys is None else {"keys": words(keys), "optional": words(sometimes - keys)}


def keys_of_instance(cls):
    """The same, asked of an instance of a subclass that has its own `get_config`; None where none can be made."""
    probe = type(f"Probe{cls.__name__}", (cls,), {"get_config": lambda self: super(probe, self).get_config()})
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    required = {one.name: 2 for one in parameters if one.default is one.empty and one.kind in named}
    simple = {name: make() for name, make in ARGUMENTS.items() if name in required}
    try:
        return set(probe(**{**required, **simple, **OF_ONE.get(cls.__name__, dict)()}).get_config())
    except Exception:  # whatever a constructor has against these arguments
        return None


def written_keys(cls):
    """The keys that the source of `get_config` names, with those of the next one where it asks it.

    Two sets: of those that stand in no `if`, and of the others. The first is None where the source tells nothing.
    """
    function = method(cls, "get_config")
    if function is None or refuses(function):
        return None, set()
    branches = {
        id(one) for node in ast.walk(function) if isinstance(node, ast.If) for one in (*node.body, *node.orelse)
    }
    statements = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    always = set().union(*(keys_in(one) for one in statements if id(one) not in branches))
    sometimes = set().union(*(keys_in(one) for one in statements if id(one) in branches))
    base = next((one for one in cls.__mro__[1:] if "get_config" in vars(one)), None)
    if base is not None and "super()" in ast.unparse(function):
        known = config_keys(base)
        if "keys" not in known:
            return None, set()
        always |= set(known["keys"].split())
        sometimes |= set(known["optional"].split())
    removed = set(keys_used(function, "pop", contexts=ast.Del))
    return always - removed, sometimes - always


def keys_in(node):
    """The keys of the dicts in one statement, but not of dicts within them, nor of statements within it."""
    if isinstance(node, ast.Dict):
        spread = [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
        return set(texts(node.keys)).union(*(keys_in(one) for one in spread))
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return set(texts([node.targets[0].slice]))
    if isinstance(node, ast.Call):
        places = set().union(*(keys_in(one) for one in node.args if isinstance(one, ast.Dict)))
        return places | ({one.arg for one in node.keywords if one.arg} if called(node) in ("update", "dict") else set())
    return set().union(*(keys_in(child) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)))


def called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
