"""What may stand where in a config of one release of Keras: `python -m tests.keras_slots [--write]`.

Keras is imported and asked. A group is what classes and functions are to Keras; a slot is a position in a config, and
lists the groups that may stand there; `keys` says which slot a key of a class is. Prints the JSON, or writes it into
the package.
"""

import ast
import inspect
import json
import sys
import types
from pathlib import Path

import keras
from keras.src.api_export import REGISTERED_OBJS_TO_NAMES

from kept.source.kinds import Kind
from tests.keras_catalogue import LOOKED_UP, canonical, classes, defined_at, functions, kind, modules, other_names
from tests.keras_classes import method

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "src" / "kept" / "source" / f"slots_{keras.__version__.replace('.', '_')}.json"

GROUPS = (Kind.LAYER, Kind.MODEL, Kind.OPERATION, Kind.LOSS, Kind.METRIC, Kind.OPTIMIZER, Kind.SCHEDULE,
          Kind.INITIALIZER, Kind.REGULARIZER, Kind.CONSTRAINT, Kind.QUANTIZER, Kind.DTYPE_POLICY)  # fmt: skip
SMALL_GROUPS = {
    "seed generator": ("SeedGenerator",),
    "quantization config": ("QuantizationConfig", "Int8QuantizationConfig", "Int4QuantizationConfig",
                            "Float8QuantizationConfig", "AWQConfig", "GPTQConfig"),
    "feature": ("Feature", "Cross"),
    "distillation loss": ("DistillationLoss", "FeatureDistillation", "LogitsDistillation"),
    "optimizer map": ("OptimizerMap",),
    "code": ("Lambda",),
    "foreign": ("TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer", "NNXLayer"),
}  # fmt: skip
"""Classes that belong to no kind, and those that bring code along; by name."""
FUNCTION_GROUPS = {
    "activation function": ("activations",),
    "loss function": ("losses", "metrics", "_legacy.losses"),
    "random function": ("random",),
    "operation function": ("ops", "nn", "backend", "_legacy.backend"),
}
"""Where functions are that take and return numbers. The others read files, download, load, or change settings."""
NOT_COMPUTING = (
    "get", "serialize", "deserialize", "set_", "get_", "is_", "backend", "batch_set_value", "batch_get_value", "update",
    "variable", "value", "eval", "name_scope", "rnn", "switch", "int_shape", "cast_to_floatx", "result_type",
    "Reduction",
)  # fmt: skip
SLOTS = {
    "model": ("model", "layer"),
    "layer": ("layer", "model", "operation"),
    "activation": ("activation function", "operation function", "layer", "operation"),
    "initializer": ("initializer", "random function", "operation function"),
    "regularizer": ("regularizer",),
    "constraint": ("constraint",),
    "loss": ("loss", "loss function", "operation function"),
    "metric": ("metric", "loss", "loss function", "operation function"),
    "optimizer": ("optimizer", "optimizer map"),
    "learning_rate": ("learning rate schedule",),
    "dtype": ("dtype policy",),
    "quantization": ("quantization config",),
    "quantizer": ("quantizer",),
    "seed": ("seed generator",),
    "function": tuple(FUNCTION_GROUPS),
    "feature": ("feature", "layer"),
    "distillation_loss": ("distillation loss",),
    "data": (),
}
LOOKED_UP_IN = {
    "activations": "activation", "constraints": "constraint", "dtype_policies": "dtype", "initializers": "initializer",
    "losses": "loss", "metrics": "metric", "optimizers": "optimizer", "quantizers": "quantizer",
    "regularizers": "regularizer",
}  # fmt: skip
BY_NAME = {
    "layer": "layer", "layers": "layer", "cell": "layer", "cells": "layer", "forward_layer": "layer",
    "backward_layer": "layer", "student": "layer", "teacher": "layer", "learning_rate": "learning_rate",
    "inner_optimizer": "optimizer", "default_optimizer": "optimizer", "optimizer_map": "optimizer", "loss": "loss",
    "distillation_losses": "distillation_loss", "quantization_config": "quantization", "policy_map": "dtype",
    "default_policy": "dtype", "weight_quantizer": "quantizer", "activation_quantizer": "quantizer", "dtype": "dtype",
    "fn": "function", "function": "function", "standardize": "function", "split": "function", "features": "feature",
    "crosses": "feature", "preprocessor": "layer", "seed_generator": "seed", "optimizer": "optimizer",
    "optimizers": "optimizer", "call_fn": "function", "init_fn": "function", "seed": "seed", "mask": "function",
    "output_shape": "function",
}  # fmt: skip
"""Of the keys that `from_config` makes objects of itself, and of those that hold an object as it is."""
BY_ENDING = ("activation", "initializer", "regularizer", "constraint")
"""Of the keys that a constructor hands on to another."""


def group(cls):
    """What a class is; "" for what may stand nowhere."""
    small = next((name for name, listed in SMALL_GROUPS.items() if cls.__name__ in listed), "")
    found = kind(cls)
    return small or (found.value if found in GROUPS else "")


def group_of_function(function):
    """What a function is; "" for what no model needs."""
    home, _, name = canonical(function).removeprefix("keras.").rpartition(".")
    if home.startswith("applications.") and name == "preprocess_input":
        return "operation function"
    if name.startswith(NOT_COMPUTING):
        return ""
    inside = (group for group, homes in FUNCTION_GROUPS.items() if home.startswith(homes))
    return next(inside, "")


def looked_up_keys(cls):
    """Parameter -> slot, by the `get` of which module the constructor asks for it."""
    constructor = method(cls, "__init__")
    for node in ast.walk(constructor) if constructor else ():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
            continue
        home = ast.unparse(node.func.value).rpartition(".")[2]
        if home in LOOKED_UP_IN and node.args and isinstance(node.args[0], ast.Name):
            yield node.args[0].id, LOOKED_UP_IN[home]


def listed_keys(cls):
    """Keys that are parameters of the class, or that its `from_config` makes objects of, and whose name says what."""
    names = set(inspect.signature(cls.__init__).parameters) if "__init__" in vars(cls) else set()
    yield from ((name, BY_NAME[name]) for name in names if name in BY_NAME)
    yield from ((name, one) for name in names for one in BY_ENDING if name == one or name.endswith(f"_{one}"))
    if group(cls) == "optimizer" and "learning_rate" not in names:
        yield "learning_rate", "learning_rate"


def keys(cls):
    """Every key of the config of a class at which an object may stand, of its bases too."""
    found = {}
    for one in reversed([base for base in cls.__mro__ if base.__module__.startswith("keras.src.")]):
        found.update(listed_keys(one))
        found.update(looked_up_keys(one))
    return {name: found[name] for name in sorted(found)}


def texts():
    """Slot -> what a text in it may mean."""
    found = {}
    for one, module in LOOKED_UP.items():
        names = vars(sys.modules[f"keras.src.{module}"])["ALL_OBJECTS_DICT"]
        found[LOOKED_UP_IN[LOOKED_UP[one]]] = " ".join(sorted(names))
    return found


def rows(things, names):
    """Canonical path -> the other paths that lead to it."""
    found = {}
    for thing in things:
        path = canonical(thing)
        others = {defined_at(thing), *names.get(thing, ())} - {path}
        found[path] = " ".join(sorted(others))
    return found


def slots():
    """All that the file says."""
    everything = list(modules())
    names = other_names(everything)
    every = classes(everything)
    groups = {name: [cls for cls in every if group(cls) == name] for name in sorted(set(map(group, every)) - {""})}
    for name in FUNCTION_GROUPS:
        groups[name] = [one for one in functions() if group_of_function(one) == name]
    placed = {one for found in groups.values() for one in found}
    exported = [one for one in REGISTERED_OBJS_TO_NAMES if isinstance(one, type | types.FunctionType)]
    groups["other"] = sorted((one for one in exported if one not in placed), key=canonical)
    return {
        "version": keras.__version__,
        "slots": {slot: list(found) for slot, found in SLOTS.items()},
        "names": BY_NAME,
        "endings": list(BY_ENDING),
        "texts": texts(),
        "groups": {name: rows(found, names) for name, found in groups.items()},
        "keys": {canonical(cls): worded(keys(cls)) for cls in every if group(cls) and keys(cls)},
    }


def worded(found):
    return " ".join(f"{key}:{slot}" for key, slot in found.items())


def text(data):
    """JSON with a line for each class and function, so that a change of Keras reads as one."""
    return json.dumps(data, indent=0, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    generated = text(slots())
    if "--write" in sys.argv:
        FILE.write_text(generated)
    else:
        sys.stdout.write(generated)
