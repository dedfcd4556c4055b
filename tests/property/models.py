"""Random models: any layers, nested and shared, any arguments of custom classes; `examine` saves and loads one."""

from __future__ import annotations

import enum
import pathlib
import re

import keras
import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import layers

import kept
from tests.property import model_classes as classes

__all__ = ["examine_all"]


# values


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(width=32)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.complex_numbers(max_magnitude=1e3)
    | st.sampled_from(
        [pathlib.PurePosixPath("a/b"), range(1, 7, 2), slice(1, None, 3), ..., np.float32(0.5), np.int64(-3)]
    )
)
OTHERS = (
    st.decimals(allow_nan=False, places=2)
    | st.fractions()
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
    | st.sampled_from([re.compile("a+", re.IGNORECASE), np.dtype("float16"), float("inf")])
    | st.sampled_from([*classes.Mode, *classes.Level, classes.Level.LOW | classes.Level.HIGH])
    | st.builds(classes.Settings, st.integers(-5, 5), st.binary(max_size=3))
    | st.builds(classes.Pair, st.text(max_size=3), st.booleans())
)
ARRAYS = arrays.arrays(
    st.sampled_from(["float32", "int64", "bool", "complex64"]), arrays.array_shapes(max_dims=2, max_side=3)
)
HASHABLE = (
    st.integers(-5, 5) | st.text(max_size=3) | st.binary(max_size=3) | st.tuples(st.integers(0, 3), st.booleans())
)
VALUES = st.recursive(
    SCALARS | OTHERS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHABLE, inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.sets(HASHABLE, max_size=3)
        | st.frozensets(HASHABLE, max_size=3)
    ),
    max_leaves=6,
)


# models, as functions that make them: hypothesis shrinks what it has drawn, and a model cannot be drawn twice


@st.composite
def a_layer(draw, depth=1):
    """A layer that keeps the shape of a batch of vectors of four."""
    flag = draw(st.sampled_from([True, True, True, False]))
    policy = draw(st.sampled_from([None, None, None, "float64", "mixed_bfloat16"]))
    value = draw(VALUES)
    kind = draw(st.sampled_from([*KERAS, *CUSTOM, "holding", "nested"] if depth else [*KERAS, *CUSTOM]))
    if kind in KERAS:
        made = KERAS[kind](draw)
    elif kind in CUSTOM:
        made = CUSTOM[kind](draw, value)
    elif kind == "nested":
        made = keras.Sequential([draw(a_layer(depth=0)) for _ in range(draw(st.integers(1, 2)))])
    else:
        table = {name: draw(a_layer(depth=0)) for name in draw(st.sets(st.sampled_from(["b", "a", "c"]), max_size=2))}
        made = classes.Holding(draw(a_layer(depth=0)), table, draw(st.sampled_from(classes.FUNCTIONS)), value)
    if policy and not isinstance(made, keras.Sequential) and kind != "holding":
        made.dtype_policy = keras.dtype_policies.get(policy)
    made.trainable = flag
    return made


def _dense(draw):
    choice = draw(st.sampled_from(["relu", None, classes.bent, keras.activations.gelu]))
    penalty = draw(st.sampled_from([None, "l2", keras.regularizers.L1(0.5), classes.Penalty((1, {2: "b"}), by=0.5)]))
    return layers.Dense(4, activation=choice, kernel_regularizer=penalty, use_bias=draw(st.booleans()))


KERAS = {
    "dense": _dense,
    "dropout": lambda draw: layers.Dropout(0.5, seed=draw(st.sampled_from([None, 3]))),
    "noise": lambda draw: layers.GaussianNoise(0.5),
    "batch": lambda draw: layers.BatchNormalization(momentum=0.5, center=draw(st.booleans())),
    "layer": lambda draw: layers.LayerNormalization(epsilon=0.125),
    "activation": lambda draw: layers.Activation(draw(st.sampled_from(["tanh", classes.scaled]))),
    "recurrent": lambda draw: keras.Sequential([layers.Reshape((2, 2)), layers.GRU(4)]),
}
CUSTOM = {
    "plain": lambda draw, value: classes.Plain(value, other=draw(VALUES)),
    "configured": lambda draw, value: classes.Configured(value, units=draw(st.integers(1, 3))),
    "forgetful": lambda draw, value: classes.Forgetful(4, value, activation="tanh"),
    "variadic": lambda draw, value: classes.Variadic(*draw(st.lists(SCALARS, max_size=2)), value=value),
    "keyed": lambda draw, value: classes.Keyed(draw(st.integers(0, 3)), value=value),
}


@st.composite
def a_model(draw):
    kind = draw(st.sampled_from(["sequential", "functional", "subclassed"]))
    if kind == "subclassed":
        model = classes.Net(draw(st.integers(1, 4)), draw(st.integers(0, 3)), value=draw(VALUES))
        model(np.zeros((1, 4), "float32"))
        return model
    chosen = [draw(a_layer()) for _ in range(draw(st.integers(1, 4)))]
    if kind == "sequential":
        return keras.Sequential([keras.Input((4,)), *chosen])
    inputs = keras.Input((4,))
    outputs = chosen[0](inputs)
    for one in chosen:  # the first is shared by two calls
        outputs = one(outputs)
    return keras.Model(inputs, [outputs, layers.Add()([inputs, outputs])] if draw(st.booleans()) else outputs)


@st.composite
def a_compiled(draw):
    """A model, compiled and trained for a step or not."""
    model = draw(a_model())
    if not draw(st.booleans()):
        return model
    rate = draw(st.sampled_from([0.125, keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)]))
    optimizer = draw(st.sampled_from([keras.optimizers.SGD, keras.optimizers.Adam, keras.optimizers.RMSprop]))
    loss = draw(st.sampled_from(["mse", keras.losses.Huber(delta=0.25), None])) or classes.Own(draw(VALUES))
    metrics = draw(st.sampled_from([None, ["mae"], [keras.metrics.MeanSquaredError(name="far")]]))
    metrics = [classes.Seen(draw(VALUES))] if draw(st.booleans()) else metrics
    several = len(getattr(model, "outputs", None) or []) > 1
    model.compile(optimizer(rate), loss, metrics=[metrics, None] if several and metrics else metrics)
    if draw(st.booleans()):
        shapes = [tuple(one.shape) for one in keras.tree.flatten(model(X))]
        targets = [np.full(shape, 0.5, "float32") for shape in shapes]
        model.train_on_batch(X, targets if several else targets[0])
    return model


X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


# what is compared


def same(one, other):
    """Whether two arguments are equal and of one type; what Keras wraps to track it is what it wraps."""
    one, other = unwrapped(one), unwrapped(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            same(a, b) and same(one[a], other[b]) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, (keras.layers.Layer, enum.Enum)) or callable(one):
        return getattr(one, "__name__", None) == getattr(other, "__name__", None)
    return one == other or (one != one and other != other)


def unwrapped(value):
    for kind, plain in (("TrackedList", list), ("TrackedDict", dict), ("TrackedSet", set)):
        if type(value).__name__ == kind:
            return plain(value)
    return value


def arguments(model):
    """Every argument that custom objects keep."""
    found = [model, *model._flatten_layers(include_self=False)]
    found += [one.kernel_regularizer for one in found if isinstance(one, layers.Dense)]
    found += [
        getattr(model, "loss", None),
        *(metric for one in model.metrics for metric in (one, *getattr(one, "metrics", []))),
    ]
    return [
        (type(one).__name__, getattr(one, name))
        for one in found
        for name in ("value", "other", "values", "units", "depth", "by")
        if type(one).__module__ == classes.__name__ and hasattr(one, name)
    ]


def variables(model, optimized):
    """Weights, metrics, and the optimizer; Keras builds that of a loaded model, be it that of an untrained one."""
    state = model.optimizer.variables if optimized else []
    metrics = [one for metric in model.metrics for one in metric.variables]
    return [np.asarray(keras.ops.convert_to_numpy(one)) for one in (*model.variables, *state, *metrics)]


def shapes(found):
    return [f"{one.dtype}{list(one.shape)}" for one in found]


def outputs(model):
    return [
        np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(one, "float32"))) for one in keras.tree.flatten(model(X))
    ]


def flags(model):
    """Names without the number that each process counts by itself."""
    found = [one for one in model._flatten_layers() if not isinstance(one, layers.InputLayer)]
    return [(re.sub(r"_\d+$", "", one.name), one.trainable, one.dtype_policy.name) for one in found]


def examine(model, file, verify):
    """Saves and loads a model; whatever is not as it was is an AssertionError."""
    weights = [np.array(keras.ops.convert_to_numpy(one)) for one in model.variables]
    proof = kept.save(model, file, verify=verify)
    assert proof.holds
    assert all(
        np.array_equal(a, keras.ops.convert_to_numpy(b), equal_nan=True)
        for a, b in zip(weights, model.variables, strict=True)
    )
    loaded = kept.load(file)
    before, after = arguments(model), arguments(loaded)
    assert [name for name, _ in before] == [name for name, _ in after]
    wrong = [(name, one, other) for (name, one), (_, other) in zip(before, after, strict=True) if not same(one, other)]
    assert not wrong, wrong
    wrong = [pair for pair in zip(flags(model), flags(loaded), strict=True) if pair[0] != pair[1]]
    assert not wrong, wrong
    optimized = model.compiled and model.optimizer.built
    mine, theirs = variables(model, optimized), variables(loaded, optimized)
    assert shapes(mine) == shapes(theirs), (shapes(mine), shapes(theirs))
    assert all(one.tobytes() == other.tobytes() for one, other in zip(mine, theirs, strict=True))
    assert all(
        np.allclose(a, b, rtol=1e-5, atol=1e-5, equal_nan=True)
        for a, b in zip(outputs(model), outputs(loaded), strict=True)
    )


def examine_all(folder, examples, number):
    """Examines that many random models, the same ones for the same number; returns how many."""
    done = []

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(model=a_compiled(), verify=st.sampled_from(["outputs", "outputs", "resume"]))
    def every_model_comes_back(model, verify):
        done.append(type(model).__name__)
        examine(model, str(pathlib.Path(folder, "model.keras")), verify)

    every_model_comes_back()
    return len(done)
