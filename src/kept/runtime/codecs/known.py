"""Classes, functions and modules that need no trust: they compute, and have no way out of the process.

Nothing else of Python or of a library is reached by a name in a file, whatever is imported.
"""

from __future__ import annotations

import builtins
import collections
import datetime
import decimal
import fractions
import importlib
import importlib.util
import math
import operator
import pathlib
import sys
import types
import uuid
from typing import Any

import keras
import ml_dtypes
import numpy as np

from ..keras_seams import is_keras_own
from .base import Codec, Decoding, Encoding, NotEncodable

__all__ = ["CODECS", "is_known", "known_name"]

_BUILTINS = (
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range", "set",
    "slice", "str", "tuple", "abs", "all", "any", "divmod", "len", "max", "min", "pow", "round", "sorted", "sum",
)  # fmt: skip
_ARITHMETIC = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs", "eq", "ne", "lt", "le",
    "gt", "ge", "and_", "or_", "xor", "not_", "invert",
)  # fmt: skip
_NUMPY = (
    "all", "any", "argmax", "argmin", "argsort", "clip", "concatenate", "cumsum", "dot", "max", "mean", "median", "min",
    "prod", "reshape", "sort", "squeeze", "stack", "std", "sum", "transpose", "var", "where", "zeros_like", "ones_like",
)  # fmt: skip
_KERAS = ("activations", "constraints", "initializers", "layers", "losses", "metrics", "ops", "optimizers", "random",
          "regularizers", "optimizers.schedules")  # fmt: skip
# A partial may call what it names: these read files, import modules, or run code that their arguments bring along.
_WAYS_OUT = ("get", "serialize", "deserialize", "Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer",
             "StringLookup", "IntegerLookup", "TextVectorization")  # fmt: skip
_MODULES = ("math", "numpy", "keras", "tensorflow", "torch", "torch.nn.functional", "jax", "jax.numpy", "jax.nn")
_STANDARD = {
    "collections": ("OrderedDict", "Counter", "defaultdict", "deque"),
    "datetime": ("date", "datetime", "time", "timedelta"),
    "decimal": ("Decimal",), "fractions": ("Fraction",), "uuid": ("UUID",),
    "pathlib": ("Path", "PurePath", "PurePosixPath", "PureWindowsPath"),
}  # fmt: skip
_HOMES = (collections, datetime, decimal, fractions, uuid, pathlib)


def _table() -> dict[str, Any]:
    found: dict[str, Any] = {f"builtins:{name}": getattr(builtins, name) for name in _BUILTINS}
    found["builtins:NoneType"] = type(None)
    found |= {f"math:{name}": one for name, one in vars(math).items() if isinstance(one, types.BuiltinFunctionType)}
    found |= {f"operator:{name}": getattr(operator, name) for name in _ARITHMETIC}
    found |= {f"{home.__name__}:{name}": getattr(home, name) for home in _HOMES for name in _STANDARD[home.__name__]}
    found |= {f"numpy:{name}": getattr(np, name) for name in _NUMPY}
    for module in (np, ml_dtypes):
        members = vars(module).items()
        found |= {f"{module.__name__}:{name}": one for name, one in members if isinstance(one, np.ufunc)}
        found |= {f"{module.__name__}:{one.__name__}": one for _, one in members if _is_scalar_type(one)}
    return found


def _is_scalar_type(one: Any) -> bool:
    return isinstance(one, type) and (issubclass(one, np.generic) or one.__module__ == "ml_dtypes")


_KNOWN = _table()
_NAMES = {id(one): name for name, one in reversed(_KNOWN.items())}


def known_name(value: Any) -> str | None:
    """`module:name` of a class or function that needs no trust; None for any other."""
    found: str | None = _NAMES.get(id(value))
    if found is not None or not isinstance(value, (type, types.FunctionType)) or not is_keras_own(value):
        return found
    name = value.__name__
    for part in () if name in _WAYS_OUT else _KERAS:
        if getattr(_keras_module(part), name, None) is value:
            return f"keras.{part}:{name}"
    return None


def _keras_module(part: str) -> Any:
    return operator.attrgetter(part)(keras)


def is_known(value: Any) -> bool:
    """Whether a class, function or module needs no trust."""
    return known_name(value) is not None


def _encode(value: Any, _: Encoding) -> dict[str, Any]:
    return {"value": known_name(value)}


def _decode(code: dict[str, Any], _: Decoding) -> Any:
    module, colon, name = str(code["value"]).partition(":")
    if not colon or not module.startswith("keras."):
        return _KNOWN[code["value"]]
    part = module.removeprefix("keras.")
    found = getattr(_keras_module(part), name) if part in _KERAS else None
    if known_name(found) is None:
        raise ValueError(code["value"])
    return found


def _module(value: types.ModuleType, _: Encoding) -> dict[str, Any]:
    for part in _KERAS:
        if value is _keras_module(part):
            return {"value": f"keras.{part}"}
    if value.__name__ not in _MODULES:
        raise NotEncodable(value)
    return {"value": value.__name__}


def _read_module(code: dict[str, Any], _: Decoding) -> types.ModuleType:
    name = code["value"]
    if name.startswith("keras.") and name.removeprefix("keras.") in _KERAS:
        return _keras_module(name.removeprefix("keras."))  # type: ignore[no-any-return]
    if name not in _MODULES or (name not in sys.modules and importlib.util.find_spec(name.partition(".")[0]) is None):
        raise ValueError(name)
    return importlib.import_module(name)


CODECS = (
    Codec("known", "classes and functions of Keras, and those of Python and numpy that only compute", _encode, _decode,
          accepts=is_known, rank=10),
    Codec("module", "modules of numpy, Keras and its backends, math", _module, _read_module, (types.ModuleType,)),
)  # fmt: skip
