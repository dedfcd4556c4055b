"""What a file may take from this process by name: code that is made for models, and nothing else that is imported.

A process that loads a model has `os.system` and `subprocess.run` at hand too. A name in a file must never reach them:
Keras would put them where a model calls an activation, with keyword arguments that the file chooses.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib.util
import sys
import types
from collections.abc import Iterator
from typing import Any

import keras

from ..errors import Problem
from . import keras_seams as seams
from .nodes import nodes_of
from .source_origins import is_local, is_local_module

__all__ = ["is_admitted", "is_standard_library", "lookup", "no_model_code"]

_BASES = (
    seams.Saveable, keras.initializers.Initializer, keras.regularizers.Regularizer, keras.constraints.Constraint,
    keras.optimizers.schedules.LearningRateSchedule, keras.DTypePolicy,
)  # fmt: skip
# Backend functions that compute; their neighbours read and write files.
_COMPUTING = (
    "tensorflow.python.ops.nn", "tensorflow.python.ops.math_ops", "tensorflow.python.ops.gen_nn_ops",
    "tensorflow.python.ops.gen_math_ops", "tensorflow.python.ops.special_math_ops", "jax._src.nn.", "jax._src.numpy.",
    "torch.nn.functional",
)  # fmt: skip
_MODELLING = (
    "activations", "applications", "constraints", "initializers", "layers", "losses", "metrics", "ops", "optimizers",
    "random", "regularizers",
)  # fmt: skip


def lookup(import_path: str) -> Any:
    """What this process has under an import path, or None; the path may lead through classes, not through modules."""
    module, _, qualname = import_path.partition(":")
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
        if isinstance(found, types.ModuleType):
            return None
    return found if callable(found) else None


def is_admitted(found: Any) -> bool:
    """Whether a file may use an object for no other reason than that it is imported here.

    A class must be one of Keras's kinds, or somebody's own that holds data or is called as a function is; a function
    must be somebody's own, or compute in a backend. The rest has to be trusted by name.
    """
    if isinstance(found, type):
        return issubclass(found, _BASES) or (is_local(found) and _is_for_values(found))
    plain = getattr(found, "python_function", found)
    if not isinstance(plain, types.FunctionType):
        return False
    module = plain.__module__ or ""
    if seams.is_keras_own(plain):
        return seams.is_mistaken(plain)
    return is_local(plain) or module.startswith(_COMPUTING)


def _is_for_values(kind: type) -> bool:
    """Whether the instances of a class are data, or callable: a constructor of any other may do anything."""
    if issubclass(kind, enum.Enum) or dataclasses.is_dataclass(kind) or hasattr(kind, "__attrs_attrs__"):
        return True
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return True
    return any(name in vars(base) for base in kind.__mro__ for name in ("from_config", "__kept_decode__", "__call__"))


def is_standard_library(module: str) -> bool:
    """Whether a module name means Python's own here; no model needs anything from there."""
    top = module.partition(".")[0]
    if top not in sys.stdlib_module_names:
        return False
    loaded = sys.modules.get(top)
    if loaded is not None:
        return not is_local(loaded)
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return True
    return spec is None or not is_local_module({"__name__": top, "__spec__": spec, "__file__": spec.origin})


def no_model_code(config: Any) -> Iterator[Problem]:
    """Nodes that ask Keras for one of its functions that no model needs: those that read, write, download."""
    for path, node in nodes_of(config):
        module, name = node.get("module"), node.get("class_name")
        if name == "function":
            name = node.get("config")
        if not isinstance(module, str) or not isinstance(name, str) or module.partition(".")[0] != "keras":
            continue
        if not _is_for_models(module, name):
            yield Problem(f"{module}.{name} is no part of a model", path)


def _is_for_models(module: str, name: str) -> bool:
    found: Any = sys.modules.get(module)
    for part in () if found is not None else module.split("."):
        found = keras if part == "keras" else getattr(found, part, None)
    found = getattr(found, name, None)
    if found is None or isinstance(found, type):
        return True
    return module.removeprefix("keras.").removeprefix("src.").partition(".")[0] in _MODELLING
