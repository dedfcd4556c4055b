"""Every public class of Keras, made with as many arguments away from their defaults as it takes.

The classes are found by looking into the namespaces, and their arguments by trying: what a later Keras adds is made
too, or has to be listed here.
"""

import inspect
from dataclasses import dataclass, field, replace

import keras
import numpy as np
from keras import layers

ABSTRACT = "a base class that is meant to be subclassed"
NOT_MADE = {
    "initializers.STFT": "makes the kernel of STFTSpectrogram, and is made with it",
    "layers.Equalization": "gives its own symbolic input back, so that Keras finds a cycle in the model",
    "layers.FlaxLayer": "needs a module of Flax, which is not installed",
    "layers.InputSpec": "describes inputs; it is no layer",
    "layers.JaxLayer": "needs the JAX backend and a function",
    "layers.Layer": ABSTRACT,
    "layers.TFSMLayer": "needs a SavedModel beside the file",
    "layers.TorchModuleWrapper": "its config is a pickle, which kept does not read",
    "layers.Wrapper": ABSTRACT,
    "losses.Loss": ABSTRACT,
    "metrics.Mean": "takes no targets, so that no model is compiled with it; the loss of every model is tracked by one",
    "metrics.Metric": ABSTRACT,
    "metrics.Sum": "takes no targets, so that no model is compiled with it",
    "optimizers.OptimizerMap": "is made with MultiOptimizer",
    "optimizers.Optimizer": ABSTRACT,
    "optimizers.schedules.LearningRateSchedule": ABSTRACT,
    "regularizers.Regularizer": ABSTRACT,
    "constraints.Constraint": ABSTRACT,
    "initializers.Initializer": ABSTRACT,
}
ONLY_TENSORFLOW = {
    "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization",
}  # fmt: skip
NO_DEFAULT = inspect.Parameter.empty


class NotMadeError(Exception):
    """No arguments were found with which a class can be made."""


@dataclass
class Made:
    """How one class is made: its required arguments, and those that were changed."""

    kind: type
    name: str
    arguments: dict
    changed: list = field(default_factory=list)
    inputs: tuple = ()

    def __call__(self):
        return self.kind(**{key: value() for key, value in self.arguments.items()})


def always(value):
    return lambda: value


def required():
    """Arguments without a default, by their name, or by class and name."""
    return {
        "units": always(3), "filters": always(2), "kernel_size": always(2), "rate": always(0.4), "num_heads": always(2),
        "key_dim": always(2), "head_dim": always(2), "num_query_heads": always(4), "num_key_value_heads": always(2),
        "num_classes": always(3), "input_dim": always(7), "output_dim": always(2), "factor": always(0.3),
        "equation": always("ab,bc->ac"), "EinsumDense.output_shape": always(5), "stddev": always(0.2),
        "output_size": always(2), "num_bins": always(5), "height": always(5), "width": always(4),
        "activation": always("tanh"), "function": always(keras.activations.silu), "n": always(3), "dims": always((2, 1)),
        "target_shape": always((3, 2)), "axes": always(1), "scale": always(0.5), "num_tokens": always(9),
        "layer": lambda: layers.Dense(3, name="inner"), "Bidirectional.layer": lambda: layers.LSTM(2, name="inner"),
        "cell": lambda: layers.GRUCell(2), "cells": lambda: [layers.GRUCell(2), layers.LSTMCell(3)],
        "layers": lambda: [layers.Rescaling(0.5), layers.RandomFlip(seed=3)], "max_number": always(3),
        "Discretization.bin_boundaries": always([0.2, 0.6]), "height_factor": always(0.2), "width_factor": always(0.1),
        "pool_size": always(2), "CategoryEncoding.num_tokens": always(9), "GroupNormalization.groups": always(2),
        "TopKCategoricalAccuracy.k": always(2), "SparseTopKCategoricalAccuracy.k": always(2),
        "IntegerLookup.vocabulary": always([3, 5, 7]), "StringLookup.vocabulary": always(["a", "b", "c"]),
        "TextVectorization.vocabulary": always(["a", "b"]), "InputLayer.shape": always((6,)), "RandomPosterization.factor": always(4), "optimizer_map": optimizers,
        "threshold": always(0.4), "learning_rate": always(0.05), "initial_learning_rate": always(0.1),
        "decay_steps": always(4), "first_decay_steps": always(3), "decay_rate": always(0.8),
        "boundaries": always([2, 5]), "values": always([0.3, 0.2, 0.1]), "inner_optimizer": lambda: keras.optimizers.SGD(),
        "recall": always(0.4), "precision": always(0.4), "sensitivity": always(0.4), "specificity": always(0.4),
        "target_class_ids": always([0, 2]), "fn": always(keras.losses.mean_squared_error),
    }  # fmt: skip


def optimizers():
    return keras.optimizers.OptimizerMap(
        keras.optimizers.SGD(0.1), {".*bias": keras.optimizers.Adam(0.2, epsilon=1e-3)}
    )


def by_ending():
    """Values of arguments whose default does not say what else they take, by the end of their name."""
    return {
        "initializer": [lambda: keras.initializers.RandomUniform(-0.3, 0.4, seed=5)],
        "regularizer": [lambda: keras.regularizers.L1L2(0.01, 0.02)],
        "constraint": [lambda: keras.constraints.MinMaxNorm(0.2, 0.7)],
        "activation": map(always, ("tanh", "sigmoid", "relu")),
        "padding": map(always, ("same", "valid", 2, ((1, 2), (2, 1)), ((1, 2), (2, 1), (1, 1)))),
        "cropping": map(always, (2, 1)),
        "data_format": map(always, ("channels_first", "channels_last")),
        "dtype": map(always, ("float64", "float32", "int32", "int64")),
        "seed": [always(11)],
        "axis": map(always, (1, -2, 2, [1, 2])),
        "axes": map(always, (2, (1, 2))),
        "reduction": map(always, ("sum", "mean")),
        "interpolation": map(always, ("nearest", "bilinear")),
        "fill_mode": map(always, ("wrap", "nearest", "constant")),
        "output_mode": map(always, ("one_hot", "multi_hot", "count")),
        "output_sequence_length": [always(5)],
        "split": map(always, ("character", "whitespace")),
        "standardize": map(always, ("lower", "strip_punctuation")),
        "ngrams": [always(2)],
        "merge_mode": map(always, ("sum", "ave")),
        "score_mode": [always("concat")],
        "mode": map(always, ("reflect", "horizontal", "constant", "psd", "fan_out", "columns")),
        "distribution": map(always, ("uniform", "normal")),
        "value_range": [always((0, 1))],
        "factor": map(always, ((0.1, 0.3), (-0.3, -0.1), 0.2)),
        "length": [always(5)],
        "thresholds": map(always, ([0.3, 0.7], 0.3)),
        "class_id": [always(1)], "strides": [always(1)], "renorm_clipping": [lambda: {"rmax": 2.0}], "output_padding": [always(1)],
        "backward_layer": [lambda: layers.LSTM(2, go_backwards=True, name="other")], "max_freq": [always(900.0)], "sliding_window": [always(2)],
        "logit_soft_cap": [always(2.0)], "use_cudnn": [always(False)], "target_class_ids": [lambda: [1]], "threshold": [always(0.4)],
        "warmup_target": [always(0.3)], "input_axes": [lambda: (0,)], "output_axes": [lambda: (1,)], "class_aggregation": [always("variance_weighted_average")], "ignore_class": [always(0)], "top_k": [always(2)], "clipnorm": [always(0.5)],
        "clipvalue": [always(0.5)], "weight_decay": [always(0.01)], "loss_scale_factor": [always(2.0)],
        "gradient_accumulation_steps": [always(2)], "ema_overwrite_frequency": [always(3)], "average": map(always, ("micro", "macro")),
        "max_value": [always(0.9)], "output_shape": [always(5)], "clip": [always(3.0)], "mean": [always(0.3)],
        "variance": [always(0.7)], "max_tokens": [always(20)],
        "mask_token": [always(0), always("")], "salt": [always(5)], "noise_shape": [lambda: (None, 1)], "flash_attention": [always(False)],
        "shared_axes": [lambda: [1]], "curve": [always("PR")], "summation_method": map(always, ("minoring", "majoring")),
        "name": [always("changed")], "alpha": [always(0.3), always([0.2, 0.3, 0.4])], "groups": [always(1)], "key_dim": [always(3)],
        "value_dim": [always(3)], "attention_axes": [lambda: (1,)], "num_channels": [always(1)], "arguments": [dict],
        "bias_axes": [always("c")], "lora_rank": [always(2)], "sparsity": [always(0.1)], "label_weights": [lambda: [0.5, 1.0, 2.0]],
        "fn": [], "num_thresholds": [always(17)], "window": map(always, ("hamming", None)), "scaling": [always("spectrum")],
        "y": [], "from_logits": [always(True)], "exclude_from_weight_decay": [], "reverse_bit": [], "unit_forget_bias": [always(False)],
        "min_frequency": [always(10.0)], "max_frequency": [always(4000.0)], "use_gate": [always(True)],
    }  # fmt: skip


def candidates(name, default):
    """Factories of other values for an argument."""
    endings = by_ending()
    ending = max((one for one in endings if name == one or name.endswith("_" + one)), key=len, default=None)
    if type(default) is bool:
        return [always(not default)]
    listed = [one for one in endings[ending] if not _same(one(), default)] if ending else []
    if type(default) is int:
        return [*listed, always(default + 1)]
    if type(default) is float:
        return [*listed, always(default / 2 or 0.25)]
    if type(default) is tuple and default and all(type(one) is int for one in default):
        return [*listed, always(tuple(one + 1 for one in default))]
    return listed


def _same(one, other):
    return type(one) is type(other) and one == other


def classes(namespace):
    """Every public class of a namespace of Keras, each once, under the name it is best known by."""
    module = keras
    for step in namespace.split("."):
        module = getattr(module, step)
    names = {}
    for name, kind in sorted(vars(module).items()):
        if inspect.isclass(kind):
            names.setdefault(kind, []).append(name)
    return {kind.__name__ if kind.__name__ in known else known[0]: kind for kind, known in names.items()}


def parameters(kind):
    """Parameters of a constructor, with those that every layer, loss or metric hands on to its base class."""
    own = list(inspect.signature(kind.__init__).parameters.values())[1:]
    found = {one.name: one.default for one in own if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}
    if len(found) < len(own):
        if issubclass(kind, layers.Layer):
            found = {**found, "activity_regularizer": None, "trainable": True, "dtype": None}
        if issubclass(kind, keras.optimizers.Optimizer) and kind is not keras.optimizers.Optimizer:
            base = parameters(keras.optimizers.Optimizer)
            found = {**{one: default for one, default in base.items() if default is not NO_DEFAULT}, **found}
    return found


def make(kind, name, works, inputs=()):
    """A class with every argument changed that it lets be changed, one after the other.

    Args:
        kind: The class.
        name: What it is called in its namespace.
        works: Whether an object of it can be used; raises when not.
        inputs: Handed on to `works`.

    Raises:
        NotMadeError: It cannot be made with what is known here.
    """
    known, taken = required(), parameters(kind)
    made = Made(kind, name, {}, inputs=inputs)
    for argument, default in taken.items():
        if f"{name}.{argument}" in known or default is NO_DEFAULT:
            factory = known.get(f"{name}.{argument}", known.get(argument))
            if factory is None:
                raise NotMadeError(f"{name} needs {argument}")
            made.arguments[argument] = factory
    failure = _failure(made, works)
    if failure:
        raise NotMadeError(f"{name}: {failure}")
    choices = {one: candidates(one, default) for one, default in taken.items() if one not in made.arguments}
    names = [one for one in choices if choices[one] and one != "name"]
    made = _richer(made, names, choices, works) if names else made
    if "name" in taken or issubclass(kind, layers.Layer):
        made.arguments["name"] = always(f"a_{name}")
    return made


def _richer(made, names, choices, works):
    """The object with as many of these arguments as can go together: all of them, or each half as far as it goes."""
    for number in range(len(choices[names[0]]) if len(names) == 1 else 1):
        added = {name: choices[name][number] for name in names}
        tried = replace(made, arguments={**made.arguments, **added}, changed=[*made.changed, *names])
        if not _failure(tried, works):
            return tried
    if len(names) > 1:
        half = len(names) // 2
        made = _richer(_richer(made, names[:half], choices, works), names[half:], choices, works)
    return made


def _failure(made, works):
    try:
        works(made)
    except Exception as error:  # whatever a constructor or a call raises: this is not a way to use it
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ""


def array(shape, dtype="float32"):
    """The same numbers in every process."""
    stream = np.random.default_rng(sum(shape))
    if dtype == "string":
        return stream.choice(["a", "b", "q", "r s"], size=shape).astype(object)
    if dtype.startswith("int"):
        return stream.integers(0, 5, size=shape).astype(dtype)
    return stream.random(shape).astype(dtype)
