"""The kinds of things that Keras saves, and the kinds of parameters that a function has."""

from __future__ import annotations

from enum import Enum

__all__ = ["Kind", "ParameterKind"]


class Kind(str, Enum):
    """What a class or function is to Keras. A model is a MODEL, though it is a layer too; a layer is a LAYER."""

    LAYER = "layer"
    MODEL = "model"
    LOSS = "loss"
    METRIC = "metric"
    OPTIMIZER = "optimizer"
    SCHEDULE = "learning rate schedule"
    INITIALIZER = "initializer"
    REGULARIZER = "regularizer"
    CONSTRAINT = "constraint"
    QUANTIZER = "quantizer"
    DTYPE_POLICY = "dtype policy"
    CALLBACK = "callback"
    ACTIVATION = "activation"
    OPERATION = "operation"
    OTHER = "other"


class ParameterKind(str, Enum):
    """How a parameter takes its argument."""

    POSITIONAL_ONLY = "positional only"
    POSITIONAL = "positional or keyword"
    VARIADIC = "*args"
    KEYWORD = "keyword only"
    VARIADIC_KEYWORD = "**kwargs"
