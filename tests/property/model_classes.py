"""Classes as people write them, whose arguments can be anything; models of them are made by `models.py`."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

import keras
from keras import layers, ops

__all__ = [
    "FUNCTIONS",
    "Configured",
    "Forgetful",
    "Holding",
    "Keyed",
    "Level",
    "Mode",
    "Net",
    "Own",
    "Pair",
    "Penalty",
    "Plain",
    "Seen",
    "Settings",
    "Variadic",
]


def bent(x):
    return ops.tanh(x) * 0.5


def scaled(x):
    return x * 0.25


FUNCTIONS = (bent, scaled)


class Mode(enum.Enum):
    FAST = "fast"
    EXACT = (1, 2)


class Level(enum.Flag):
    LOW = 1
    HIGH = 2


class Pair(NamedTuple):
    text: str
    flag: bool


@dataclass
class Settings:
    count: int
    mark: bytes


class Plain(layers.Layer):
    """No get_config, no keywords."""

    def __init__(self, value, other=None):
        super().__init__()
        self.value, self.other = value, other

    def call(self, x):
        return x + 1


class Configured(layers.Layer):
    """As the documentation says."""

    def __init__(self, value, units=2, **kwargs):
        super().__init__(**kwargs)
        self.value, self.units = value, units

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * ops.cast(self.scale, x.dtype) * self.units

    def get_config(self):
        return {**super().get_config(), "value": self.value, "units": self.units}


class Forgetful(layers.Dense):
    """One more argument than get_config tells."""

    def __init__(self, units, value=None, **kwargs):
        super().__init__(units, **kwargs)
        self.value = value


class Variadic(layers.Layer):
    """As many arguments as one likes."""

    def __init__(self, *values, value=None):
        super().__init__()
        self.values, self.value = values, value

    def call(self, x):
        return x - len(self.values)


class Keyed(layers.Layer):
    """An argument kept under another name."""

    def __init__(self, first, /, value):
        super().__init__()
        self.first, self._value = first, value

    @property
    def value(self):
        return self._value

    def call(self, x):
        return x + self.first


class Holding(layers.Layer):
    """Layers and functions as arguments."""

    def __init__(self, inner, table, function, value=None):
        super().__init__()
        self.inner, self.table, self.function, self.value = inner, table, function, value

    def call(self, x):
        x = self.inner(x)
        for name in sorted(self.table):
            x = self.table[name](x)
        return self.function(x)


class Net(keras.Model):
    """A subclassed model."""

    def __init__(self, width, depth=1, value=None):
        super().__init__()
        self.width, self.depth, self.value = width, depth, value
        self.parts = [layers.Dense(width, activation="tanh") for _ in range(depth)]
        self.last = layers.Dense(2)

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return self.last(x)


class Penalty(keras.regularizers.Regularizer):
    """A regularizer with an argument that can be anything."""

    def __init__(self, value, by=0.01):
        self.value, self.by = value, by

    def __call__(self, x):
        return self.by * ops.sum(ops.abs(x))


class Own(keras.losses.Loss):
    """A loss with an argument that can be anything."""

    def __init__(self, value, power=2.0):
        super().__init__()
        self.value, self.power = value, power

    def call(self, y, p):
        return ops.mean(ops.abs(ops.cast(y, p.dtype) - p) ** self.power, -1)


class Seen(keras.metrics.Metric):
    """A metric with an argument that can be anything."""

    def __init__(self, value, name="seen"):
        super().__init__(name=name)
        self.value, self.count = value, self.add_variable((), "zeros", name="count")

    def update_state(self, y, p, sample_weight=None):
        self.count.assign_add(1.0)

    def result(self):
        return ops.convert_to_tensor(self.count)
