"""Whether a model is still what it was when it was described, but for the values of its variables.

To describe a model takes longer than to copy its weights, and while it is trained the description stays the same. So
everything that the description was made of is remembered with what it held, and asked again later: the same parts at
the same places. What changes within itself, so that nobody sees it from outside (a large array, a generator of random
numbers, an object of another library), cannot be asked, and a model with such a part is described anew each time.
"""

from __future__ import annotations

import functools
import operator
import sys
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import Any

import keras
import numpy as np

from . import keras_seams as seams
from .codecs.registered import is_encoded_by_its_user
from .identity import class_identity
from .undisturbed import undisturbed
from .walk import ATOMS, Place, content_of, is_entered, is_variable, kind_of, slots_of

__all__ = ["Unchanged", "unchanged"]

_STAYING = ATOMS | {type(Ellipsis), types.CodeType, np.dtype}
_CONTAINERS = frozenset({dict, list, tuple, set, frozenset, deque, OrderedDict, defaultdict})
_SEALED = (type, types.ModuleType, types.BuiltinFunctionType, Enum, np.generic, keras.KerasTensor)
# Objects that are made once and stay: of graphs that were built, and what only knows of others or of types.
_SEALED_NAMES = frozenset(
    {
        ("keras", "Node"), ("keras", "SymbolicArguments"), ("keras", "KerasHistory"), ("keras", "Tracker"),
        ("_thread", "lock"), ("_thread", "RLock"), ("weakref", "ReferenceType"), ("weakref", "ref"),
        ("inspect", "Signature"), ("inspect", "FullArgSpec"),
        ("tensorflow", "DType"), ("tensorflow", "TensorShape"), ("tensorflow", "EagerTensor"),
        ("torch", "dtype"), ("torch", "Size"), ("torch", "device"),
        ("jaxlib", "ArrayImpl"),
    }
)  # fmt: skip
# Comes and goes while a model is trained, and is no part of what describes it.
_PASSING = frozenset(
    {
        "train_function", "test_function", "predict_function", "history", "stop_predicting", "stop_evaluating",
        "training", "_jax_state", "_jax_state_synced", "_epoch_iterator", "_eval_epoch_iterator", "_losses",
        "_loss_ids", "_losses_override", "_called", "_lock", "_tracker", "_trackable_saver", "_setattr_tracking",
        "_torch_params", "torch_params", "_tensors", "_call_ctx",
        "_saved_model_inputs_spec", "_saved_model_arg_spec", "_exclude_from_weight_decay_cache",
        "_distribution_strategy",
    }
)  # fmt: skip
_PASSING_BEGINNINGS = ("_self_", "_obj_", "_unconditional")
_OF_A_VALUE = frozenset({"_value", "_initializer", "_deferred_initialize"})
_TELLING = ("get_compile_config", "get_build_config", "save_own_variables", "save_assets")
_IS_MADE_IN_PYTHON = 1 << 9
_SMALL_NBYTES = 1 << 16

Parts = Callable[[Any], list[Any]]


class _UnseenError(Exception):
    """Something may change unseen."""


class Unchanged:
    """What a model was made of when it was described.

    Args:
        places: What `walk(model)` gave.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self._alive: dict[int, Any] = {}
        self._holders: list[tuple[Parts, Any, object]] = []
        self._telling: list[Any] = []
        self._floatx = keras.config.floatx()
        for place in places:
            self._remember(place.value)
        self._held, self._told = self._hold(), self._tell()

    def holds(self) -> bool:
        """Whether all of it is as it was."""
        if self._floatx != keras.config.floatx():
            return False
        try:
            return _same(self._tell(), self._told) and _same(self._hold(), self._held)
        except Exception:  # of the user's code, or for what it tells now: to be described anew
            return False

    def _remember(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            value = waiting.pop()
            if type(value) in _STAYING or id(value) in self._alive:
                continue
            self._alive[id(value)] = value
            parts = _parts_of(value)
            if parts is None:
                continue
            found = parts(value)
            if type(value) is not tuple:
                self._holders.append((parts, value, object()))
            waiting += found
            if _may_tell_otherwise(value):
                self._telling.append(value)

    def _hold(self) -> list[Any]:
        """The parts of everything, one after the other, each with a mark at its end."""
        found: list[Any] = []
        for parts, holder, mark in self._holders:
            found += parts(holder)
            found.append(mark)
        return found

    def _tell(self) -> list[Any]:
        """What each object says of itself that may say another thing another time, without any structure."""
        found: list[Any] = []
        for one in self._telling:
            found.append(class_identity(type(one)))
            self._lay_out(one.get_config(), found)
        return found

    def _lay_out(self, value: Any, found: list[Any]) -> None:
        if isinstance(value, dict):
            found.append(len(value))
            for entry in value.items():
                self._lay_out(entry, found)
        elif isinstance(value, (list, tuple)):
            found += [type(value), len(value)]
            for one in value:
                self._lay_out(one, found)
        elif type(value) in _STAYING or id(value) in self._alive or isinstance(value, _SEALED):
            found.append(value)
        else:
            raise _UnseenError(type(value))


def unchanged(model: Any, places: list[Place]) -> Unchanged | None:
    """Remembers what a model is made of; None where a part of it may change unseen.

    Args:
        model: The live model.
        places: What `walk(model)` gave.
    """
    try:
        with undisturbed(model, places):
            found = Unchanged(places)
            return found if found.holds() else None  # else to be asked changes one of its parts
    except Exception:  # the user's code; what it raises is told where the model is described
        return None


def _same(now: list[Any], before: list[Any]) -> bool:
    if len(now) != len(before):
        return False
    if all(map(operator.is_, now, before)):
        return True
    pairs = zip(now, before, strict=True)
    return all(a is b or (type(a) is type(b) and type(a) in _STAYING and a == b) for a, b in pairs)


def _parts_of(value: Any) -> Parts | None:
    """What tells the parts of a value; None for what has none.

    Raises:
        _UnseenError: It may change without any part becoming another.
    """
    if isinstance(value, _SEALED) or _kind_is_sealed(kind_of(value)):
        return None
    if isinstance(value, (dict, list, tuple, set, frozenset, deque)):
        if not _is_nothing_but_a_container(kind_of(value)):
            raise _UnseenError(type(value))
        return _entries if isinstance(value, dict) else list
    if isinstance(value, types.FunctionType):
        return _parts_of_function
    if isinstance(value, types.MethodType):
        return _parts_of_method
    if isinstance(value, functools.partial):
        return _parts_of_partial
    if isinstance(value, keras.Variable):
        return _settings_of_variable
    if is_variable(value):
        return _settings_of_bare_variable
    if type(value) is np.ndarray and value.nbytes <= _SMALL_NBYTES and not value.dtype.hasobject:
        return _content_of_array
    if not _is_seen(kind_of(value)) or is_encoded_by_its_user(value):
        raise _UnseenError(type(value))
    return _attributes


@cache
def _kind_is_sealed(kind: type) -> bool:
    return (kind.__module__.partition(".")[0], kind.__name__) in _SEALED_NAMES


@cache
def _is_nothing_but_a_container(kind: type) -> bool:
    if kind in _CONTAINERS or seams.is_keras_own(kind):
        return True
    return kind.__module__.partition(".")[0] == "tensorflow" or (issubclass(kind, tuple) and hasattr(kind, "_fields"))


@cache
def _is_seen(kind: type) -> bool:
    """Whether all that an object of a class knows is in its attributes."""
    if not (is_entered(kind) or seams.is_keras_own(kind)):
        return False
    if any(not base.__flags__ & _IS_MADE_IN_PYTHON for base in kind.__mro__ if base is not object):
        return False
    methods = (getattr(kind, name, None) for name in _TELLING)
    return all(method is None or _is_of_a_library(method) for method in methods)


def _is_of_a_library(method: Any) -> bool:
    return seams.is_keras_own(method) or str(method.__module__).partition(".")[0] in ("torch", "tensorflow")


def _may_tell_otherwise(value: Any) -> bool:
    """Whether `get_config` may depend on more than attributes: of an optimizer of Keras, and of a user's class."""
    if isinstance(value, keras.optimizers.Optimizer):
        return True
    return not isinstance(value, type) and not seams.is_keras_own(type(value)) and hasattr(type(value), "get_config")


def _entries(value: dict[Any, Any]) -> list[Any]:
    return [*value, *value.values(), getattr(value, "default_factory", None)]


def _parts_of_function(value: types.FunctionType) -> list[Any]:
    cells = [content_of(cell) for cell in value.__closure__ or ()]
    return [value.__code__, value.__defaults__, value.__kwdefaults__, *cells, *_entries(value.__dict__)]


def _parts_of_method(value: types.MethodType) -> list[Any]:
    return [value.__func__, value.__self__]


def _parts_of_partial(value: functools.partial[Any]) -> list[Any]:
    return [value.func, value.args, value.keywords]


def _settings_of_variable(value: Any) -> list[Any]:
    return [part for name, one in vars(value).items() if name not in _OF_A_VALUE for part in (name, one)]


def _settings_of_bare_variable(value: Any) -> list[Any]:
    return [sys.intern(str(value.dtype)), getattr(value, "trainable", True), *map(int, value.shape)]


def _content_of_array(value: np.ndarray) -> list[Any]:
    return [value.dtype.str, value.tobytes(), *value.shape]


def _attributes(value: Any) -> list[Any]:
    namespace = getattr(value, "__dict__", {})
    if isinstance(value, (seams.Saveable, keras.DTypePolicy)):
        elsewhere = namespace.get("_modules") or {}  # where Torch puts sublayers
        pairs = (*namespace.items(), *elsewhere.items())
        found = [part for name, one in pairs if not _passes(name) for part in (name, one)]
    else:
        found = _entries(namespace)
    slots = slots_of(kind_of(value))
    return [*found, *(getattr(value, name, None) for name in slots)] if slots else found


@cache
def _passes(name: str) -> bool:
    return name in _PASSING or name in _names_of_torch() or name.startswith(_PASSING_BEGINNINGS)


@cache
def _names_of_torch() -> frozenset[str]:
    """What each module of Torch has for itself, sublayers and hooks among it; nothing on other backends."""
    torch = sys.modules.get("torch") if keras.backend.backend() == "torch" else None
    return frozenset(vars(torch.nn.Module())) if torch is not None else frozenset()
