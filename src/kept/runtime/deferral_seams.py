"""Deferred initialisers: while a model is built, a new variable has no value until it is assigned or read.

Keras itself knows variables without a value, from symbolic calls: `_value` is None and `_initializer` makes one. Here
every new variable begins like that, so that nothing is drawn, compiled or allocated for what a file assigns anyway.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.backend.common.stateless_scope import in_stateless_scope

from . import backends
from .keras_seams import replaced

__all__ = ["Deferral", "deferring"]

_NEEDED = ("_initialize_with_initializer", "_deferred_initialize", "_direct_assign")


class _Waiting:
    """Stands as the initializer of a variable without a value; Keras calls it when somebody reads the variable."""

    def __init__(self, deferral: Deferral, variable: Any, initializer: Any) -> None:
        self.deferral, self.variable, self.initializer = deferral, variable, initializer
        self.trainable = variable.trainable

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        if in_stateless_scope():  # a symbolic call, which asks for shape and dtype
            return keras.ops.zeros(shape, dtype=dtype)
        self.deferral.draw(self.variable)
        return self.variable._value


class Deferral:
    """The variables that were made without a value."""

    def __init__(self, initialize: Callable[[Any, Any], None]) -> None:
        self._initialize = initialize
        self._waiting: dict[int, _Waiting] = {}
        self._adopted: dict[int, Any] = {}
        self._thread = threading.get_ident()

    def adopt(self, array: Any) -> Any:
        """A tensor of the backend in the memory of `array`, which one variable may take for its own."""
        tensor = backends.adopt(array)
        self._adopted[id(tensor)] = tensor
        return tensor

    def takes(self, variable: Any) -> bool:
        """Whether a new variable can wait: it is not another thread's, nor is it spread over devices."""
        return self._thread == threading.get_ident() and getattr(variable, "_layout", None) is None

    def hold(self, variable: Any, initializer: Any) -> None:
        """Lets a new variable wait."""
        variable._value = None
        variable._initializer = self._waiting[id(variable)] = _Waiting(self, variable, initializer)

    def holds(self, variable: Any) -> bool:
        """Whether a variable has no value yet."""
        return id(variable) in self._waiting

    def give(self, variable: Any, value: Any) -> None:
        """The first value of a variable: a tensor of the backend, of its shape and dtype."""
        if self._adopted.pop(id(value), None) is None:
            value = backends.owned(value)
        self._settle(variable, lambda _: variable._initialize(value))

    def draw(self, variable: Any) -> None:
        """Gives a variable what its initializer makes."""
        with backends.eagerly():
            self._settle(variable, lambda initializer: self._initialize(variable, initializer))

    def _settle(self, variable: Any, settle: Callable[[Any], None]) -> None:
        waiting = self._waiting.pop(id(variable))
        variable._initializer = None
        now, variable._trainable = variable.trainable, waiting.trainable  # as it was when it was made
        try:
            settle(waiting.initializer)
        finally:
            variable.trainable = now

    def finish(self) -> list[Any]:
        """Gives every variable that still waits what its initializer makes; returns those whose values are random."""
        drawn = []
        for waiting in list(self._waiting.values()):
            if self.holds(waiting.variable):  # an initializer may have read it
                self.draw(waiting.variable)
                drawn += [waiting.variable] if _is_random(waiting.initializer) else []
        return drawn


def _is_random(initializer: Any) -> bool:
    base = keras.initializers.RandomNormal.__mro__[1]
    return isinstance(initializer, base if base is not keras.initializers.Initializer else ())


_current: list[Deferral] = []


@contextmanager
def deferring() -> Iterator[Deferral | None]:
    """Variables that are made inside wait for their value.

    Yields:
        What holds them; None where this Keras lacks what it needs, or variables are spread over devices: there they are
        initialised at once. None, too, inside of another call, which then holds them.
    """
    owners = {name: _owner(keras.Variable, name) for name in _NEEDED}
    if _current or None in owners.values() or _is_distributed():
        yield None
        return
    originals = {name: vars(owner)[name] for name, owner in owners.items()}
    deferral = Deferral(originals["_initialize_with_initializer"])

    def initialize(variable: Any, initializer: Any) -> None:
        (deferral.hold if deferral.takes(variable) else originals["_initialize_with_initializer"])(
            variable, initializer
        )

    def initialize_late(variable: Any) -> None:
        """Of a variable that was made in a symbolic call."""
        if variable._value is None and deferral.takes(variable) and not in_stateless_scope():
            deferral.hold(variable, variable._initializer)
        else:
            originals["_deferred_initialize"](variable)

    def assign(variable: Any, value: Any) -> None:
        (deferral.give if deferral.holds(variable) else originals["_direct_assign"])(variable, value)

    with ExitStack() as patches:
        _current.append(deferral)
        patches.callback(_current.clear)
        stand_ins = dict(zip(_NEEDED, (initialize, initialize_late, assign), strict=True))
        for name, owner in owners.items():
            patches.enter_context(replaced(owner, name, stand_ins[name]))
        if keras.backend.backend() == "torch":
            patches.enter_context(_torch_layers_tracking_later(deferral))
        if keras.backend.backend() == "tensorflow":
            patches.enter_context(_tensorflow_optimizers_asking_later(deferral))
        yield deferral


def _owner(kind: type, name: str) -> type | None:
    """The class that defines a method of `kind`."""
    return next((base for base in kind.__mro__ if name in vars(base)), None)


def _is_distributed() -> bool:
    """Whether where a variable lies is decided when it is made."""
    if global_state.get_global_attribute("distribution", None) is not None:
        return True
    if getattr(keras.config, "is_nnx_enabled", bool)():
        return True
    tensorflow = sys.modules.get("tensorflow") if keras.backend.backend() == "tensorflow" else None
    return tensorflow is not None and (tensorflow.distribute.has_strategy() or not tensorflow.executing_eagerly())


@contextmanager
def _torch_layers_tracking_later(deferral: Deferral) -> Iterator[None]:
    """Layers hand their variables to Torch when they are built; here they do it once these have values."""
    owner = _owner(keras.layers.Layer, "_track_variables")
    if owner is None:
        yield
        return
    track = vars(owner)["_track_variables"]
    tracked: dict[int, tuple[Any, dict[int, Any]]] = {}

    def later(layer: Any) -> None:
        if any(deferral.holds(variable) for variable in layer.variables):
            tracked[id(layer)] = layer, {id(one): one for one in layer.variables}
        else:
            track(layer)

    def noting(name: str) -> Callable[[Any, Any], None]:
        original = vars(owner)[name]

        def note(layer: Any, variable: Any) -> None:
            if id(layer) not in tracked:
                original(layer, variable)
            elif name == "_post_track_variable":
                tracked[id(layer)][1][id(variable)] = variable
            else:
                tracked[id(layer)][1].pop(id(variable), None)

        return note

    with ExitStack() as patches:
        patches.enter_context(replaced(owner, "_track_variables", later))
        for name in ("_post_track_variable", "_post_untrack_variable"):
            if name in vars(owner):
                patches.enter_context(replaced(owner, name, noting(name)))
        yield
    parameters = __import__("torch").nn.ParameterDict
    for layer, variables in tracked.values():
        layer._torch_params = parameters({one.path: one.value for one in variables.values()})


@contextmanager
def _tensorflow_optimizers_asking_later(deferral: Deferral) -> Iterator[None]:
    """Optimizers know variables by what TensorFlow calls them, and put slots beside them: both read the variable."""
    kind = keras.optimizers.Optimizer
    slots = [base for base in kind.__mro__ if "add_variable_from_reference" in vars(base)]
    keys = _owner(kind, "_var_key")
    if len(slots) < 2 or keys is None:
        yield
        return
    beside, anywhere = (vars(owner)["add_variable_from_reference"] for owner in slots[:2])
    real_key = vars(keys)["_var_key"]
    stand_ins: dict[str, Any] = {}
    optimizers: dict[int, Any] = {}

    def add(optimizer: Any, reference_variable: Any, *args: Any, **kwargs: Any) -> Any:
        chosen = anywhere if deferral.holds(reference_variable) else beside
        return chosen(optimizer, reference_variable, *args, **kwargs)

    def key(optimizer: Any, variable: Any) -> Any:
        if not deferral.holds(variable):
            return real_key(optimizer, variable)
        optimizers[id(optimizer)] = optimizer
        stand_in = f"<{id(variable)}>"
        stand_ins[stand_in] = variable
        return stand_in

    def named(optimizer: Any, one: Any) -> Any:
        return real_key(optimizer, stand_ins[one]) if one in stand_ins else one

    with replaced(slots[0], "add_variable_from_reference", add), replaced(keys, "_var_key", key):
        yield
    for optimizer in optimizers.values():
        indices = optimizer._trainable_variables_indices
        optimizer._trainable_variables_indices = {named(optimizer, one): place for one, place in indices.items()}
        excluded = getattr(optimizer, "_exclude_from_weight_decay", None)
        if excluded:
            optimizer._exclude_from_weight_decay = {named(optimizer, one) for one in excluded}
