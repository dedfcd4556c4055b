"""Models that hold one object of every public class of Keras, and what those objects do.

`observed` looks at objects as a user would, without anything of kept: config, attributes, outputs, values.
"""

import keras
import numpy as np
from keras import layers, ops

from tests.runtime.every_class import NOT_MADE, ONLY_TENSORFLOW, NotMadeError, array, classes, make

STEPS = (0, 1, 3, 7, 20)


def made_of(namespace):
    """Every class of a namespace with its arguments, and why the others were not made."""
    found, failed = {}, {}
    on_tensorflow = keras.backend.backend() == "tensorflow"
    for name, kind in classes(namespace).items():
        if f"{namespace}.{name}" in NOT_MADE or (namespace == "layers" and (name in ONLY_TENSORFLOW) != on_tensorflow):
            continue
        try:
            found[name] = MAKERS[namespace](kind, name)
        except NotMadeError as error:
            failed[name] = str(error)
    return found, failed


# layers

INPUTS = {
    "Embedding": [((4, 3), "int32")], "ReversibleEmbedding": [((4, 3), "int32")], "Dot": [((4, 6), "float32")] * 2,
    "CategoryEncoding": [((4, 3), "int32")], "Hashing": [((4, 3), "string")], "StringLookup": [((4, 3), "string")],
    "IntegerLookup": [((4, 3), "int32")], "TextVectorization": [((4, 1), "string")], "Subtract": [((4, 6), "float32")] * 2,
    "HashedCrossing": [((4, 1), "string"), ((4, 1), "int32")], "EinsumDense": [((4, 6), "float32")],
    "TimeDistributed": [((2, 5, 4), "float32")], "MelSpectrogram": [((2, 9000), "float32")], "STFTSpectrogram": [((2, 600, 1), "float32")],
    "MultiHeadAttention": [((2, 5, 4), "float32")] * 2, "GroupQueryAttention": [((2, 5, 4), "float32")] * 2,
    "Attention": [((2, 5, 4), "float32")] * 2, "AdditiveAttention": [((2, 5, 4), "float32")] * 2,
    "Reshape": [((4, 6), "float32")], "SpatialDropout1D": [((2, 5, 4), "float32")], "Pipeline": [((2, 8, 8, 3), "float32")],
    "ConvLSTM1D": [((2, 2, 4, 2), "float32")], "ConvLSTM2D": [((2, 2, 4, 4, 2), "float32")], "ConvLSTM3D": [((2, 2, 3, 3, 3, 2), "float32")],
    "Bidirectional": [((2, 3, 4), "float32")],
}  # fmt: skip
TRIED = [[(shape, "float32")] for shape in ((4, 6), (2, 5, 4), (2, 8, 8, 3), (2, 6, 6, 6, 3))]
LISTED = {"Dot", "Subtract", "Attention", "AdditiveAttention", "HashedCrossing"}
CELLS = {"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"}


def make_layer(kind, name):
    if name in INPUTS:
        choices = [INPUTS[name]]
    elif "image_preprocessing" in kind.__module__:
        choices = TRIED[2:3]
    elif name in CELLS:
        choices = TRIED[1:2]
    else:
        choices = TRIED
    failure = None
    for works in (try_layer, try_layer_in_a_model):  # the second is slower, and rarely needed
        for inputs in choices:
            for count in (1, 2):
                try:
                    made = make(kind, name, works, tuple(inputs * count))
                    try_layer_in_a_model(made)
                    return made
                except Exception as error:  # whatever a layer raises for inputs that it does not take
                    failure = failure or error
    raise NotMadeError(f"{name}: {failure}")


def called(made, inputs, **arguments):
    """The layer, and its outputs; a cell runs in an RNN."""
    layer = made()
    if made.name == "InputLayer":
        return layer, layers.Identity()(layer.output)
    wrapped = layers.RNN(layer) if made.name in CELLS else layer
    listed = made.name in LISTED or "merging" in made.kind.__module__
    return layer, wrapped(inputs, **arguments) if listed else wrapped(*inputs, **arguments)


def try_layer(made):
    _, results = called(made, [ops.convert_to_tensor(array(*one)) for one in made.inputs])
    if not any(one is not None for one in keras.tree.flatten(results)):
        raise ValueError("gives nothing")


def try_layer_in_a_model(made):
    layers_model({made.name: made})


def symbolic_inputs(made):
    """A fixed batch for what keeps a state between batches."""
    fixed = ".rnn." in made.kind.__module__
    return {
        f"{made.name}_{i}": keras.Input(
            **({"batch_shape": shape} if fixed else {"shape": shape[1:]}), dtype=dtype, name=f"{made.name}_{i}"
        )
        for i, (shape, dtype) in enumerate(made.inputs)
    }


def layers_model(found):
    """One model with an input, and the outputs of the layer, for each class."""
    inputs, outputs = {}, {}
    for name, made in found.items():
        symbolic = symbolic_inputs(made)
        layer, results = called(made, list(symbolic.values()))
        inputs |= {f"{name}_0": layer.output} if name == "InputLayer" else symbolic
        outputs |= {f"{name}_{i}": one for i, one in enumerate(keras.tree.flatten(results)) if one is not None}
    model = keras.Model(inputs, outputs)
    model(layer_inputs(found), training=True)  # moves random generators and moving averages
    return model


def layer_inputs(found):
    return {
        f"{name}_{i}": ops.convert_to_tensor(array(tuple(shape), dtype))
        for name, made in found.items()
        for i, (shape, dtype) in enumerate(made.inputs)
    }


def observe_layers(model, found):
    keras.utils.set_random_seed(5)  # some layers draw from the streams of the process
    results = {one: model(layer_inputs(found), training=one) for one in (False, True)}
    seen = {}
    for name in found:
        layer = next(one for one in model._flatten_layers() if one.name == f"a_{name}")
        seen[name] = described(layer)
        seen[name]["weights"] = [as_array(one) for one in layer.variables]
        for training, word in ((False, "outputs"), (True, "outputs in training")):
            mine = (one for key, one in results[training].items() if key.rpartition("_")[0] == name)
            seen[name][word] = [as_array(one) for one in mine]
    return seen


# losses and metrics

PAIRS = {
    "probabilities": ((4, 3), "one hot"), "classes": ((4, 3), "class"), "labels": ((4, 6, 5), "labels"),
    "one": ((4, 1), "one hot"), "embeddings": ((4, 3), "class"),
}  # fmt: skip
ORDER = ("probabilities", "classes", "one", "labels")


def targets_for(kind, shape):
    stream = np.random.default_rng(len(shape))
    if kind == "class":
        return stream.integers(0, shape[-1], size=shape[:-1])
    if kind == "labels":
        return stream.integers(1, shape[-1], size=(shape[0], 3))
    return np.eye(max(shape[-1], 2), dtype="float32")[stream.integers(0, max(shape[-1], 2), size=shape[:-1])][
        ..., : shape[-1]
    ]


def compared(pair):
    """Targets and predictions."""
    shape, kind = PAIRS[pair]
    predicted = array(shape) + 0.05
    return ops.convert_to_tensor(targets_for(kind, shape)), ops.convert_to_tensor(
        predicted / predicted.sum(-1, keepdims=True) if shape[-1] > 1 else predicted / 2
    )


def _first_pair(kind, name, works):
    first = {"CTC": "labels", "Circle": "classes"}.get(name)
    sparse = name.startswith("Sparse") or name == "Accuracy"
    failure = None
    for pair in [first] if first else (["classes", *ORDER] if sparse else ORDER):
        try:
            return make(kind, name, works, pair)
        except NotMadeError as error:
            failure = failure or error
    raise failure


def make_loss(kind, name):
    return _first_pair(kind, name, try_loss)


def try_loss(made):
    value = made()(*compared(made.inputs))
    assert np.isfinite(as_array(value)).all()


def make_metric(kind, name):
    return _first_pair(kind, name, try_metric)


def try_metric(made):
    as_array(updated(made(), made.inputs))


def updated(metric, pair):
    """The result of a metric after one more update."""
    metric.update_state(*compared(pair))
    return metric.result()


def with_outputs(found):
    """A model with one output of the right shape for each class."""
    shapes = sorted({PAIRS[made.inputs][0][1:] for made in found.values()})
    inputs = {str(shape): keras.Input(shape) for shape in shapes}
    outputs = {name: layers.Softmax(name=name)(inputs[str(PAIRS[made.inputs][0][1:])]) for name, made in found.items()}
    return keras.Model(list(inputs.values()), outputs)


def losses_model(found):
    model = with_outputs(found)
    model.compile("sgd", {name: made() for name, made in found.items()})
    return model


def observe_losses(model, found):
    seen = {}
    for name, made in found.items():
        loss = model.loss[name]
        seen[name] = described(loss)
        weights = ops.convert_to_tensor(np.linspace(0.1, 1, 4).astype("float32"))
        plain = [loss(*compared(made.inputs)), loss(*compared(made.inputs), sample_weight=weights)]
        seen[name]["values"] = [as_array(one) for one in plain]
    return seen


def metrics_model(found):
    model = with_outputs(found)
    model.compile("sgd", metrics={name: [made()] for name, made in found.items()})
    pairs = {name: compared(made.inputs) for name, made in found.items()}
    model.compute_metrics(
        None, {name: one for name, (one, _) in pairs.items()}, {name: one for name, (_, one) in pairs.items()}
    )
    return model


def observe_metrics(model, found):
    seen = {}
    for name, made in found.items():
        (metric,) = model._compile_metrics._user_metrics[name]
        seen[name] = described(metric)
        result = keras.tree.flatten(metric.result()) if metric.variables else []  # some make them at the first update
        seen[name]["results"] = [as_array(one) for one in (*result, *keras.tree.flatten(updated(metric, made.inputs)))]
    return seen


# optimizers and schedules


def make_optimizer(kind, name):
    return make(kind, name, try_optimizer)


def try_optimizer(made):
    model = optimizer_model({made.name: made})
    assert np.isfinite(model.train_on_batch(array((4, 3)), array((4, 2))))


def optimizer_model(found):
    (made,) = found.values()
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)])
    made = made()
    if isinstance(made, keras.optimizers.schedules.LearningRateSchedule):
        made = keras.optimizers.SGD(made, momentum=0.5)
    model.compile(made, "mse")
    model.train_on_batch(array((4, 3)), array((4, 2)))
    return model


def observe_optimizer(model, found):
    (name,) = found
    optimizer = model.optimizer
    seen = described(optimizer)
    seen["state"] = [as_array(one) for one in optimizer.variables]
    for _ in range(2):
        model.train_on_batch(array((4, 3)), array((4, 2)))
    seen["two more steps"] = [as_array(one) for one in (*model.variables, *optimizer.variables)]
    return {name: seen}


def make_schedule(kind, name):
    return make(kind, name, lambda made: as_array(made()(2)))


def observe_schedule(model, found):
    seen = observe_optimizer(model, found)
    (name,) = found
    schedule = model.optimizer._learning_rate
    seen[name] |= described(schedule) | {"rates": [as_array(schedule(step)) for step in STEPS]}
    return seen


# what a layer takes: regularizers, constraints, initializers


def on_a_kernel(argument):
    def model_of(found):
        symbolic = keras.Input((4,))
        outputs = [layers.Dense(4, name=name, **{argument: made()})(symbolic) for name, made in found.items()]
        return keras.Model(symbolic, outputs)

    return model_of


def make_regularizer(kind, name):
    return make(kind, name, lambda made: as_array(made()(ops.convert_to_tensor(array((4, 4))))))


def make_initializer(kind, name):
    return make(kind, name, lambda made: as_array(made()((4, 4))))


def observe_kernels(argument, use):
    def observe(model, found):
        seen = {}
        for name in found:
            one = getattr(model.get_layer(name), argument)
            value = one(ops.convert_to_tensor(array((4, 4)) - 0.3)) if use else one((4, 4))
            seen[name] = {**described(one), "value": as_array(value)}
        return seen

    return observe


MAKERS = {
    "layers": make_layer, "losses": make_loss, "metrics": make_metric, "optimizers": make_optimizer,
    "optimizers.schedules": make_schedule, "regularizers": make_regularizer, "constraints": make_regularizer,
    "initializers": make_initializer,
}  # fmt: skip
MODELS = {
    "layers": layers_model, "losses": losses_model, "metrics": metrics_model, "optimizers": optimizer_model,
    "optimizers.schedules": optimizer_model, "regularizers": on_a_kernel("kernel_regularizer"),
    "constraints": on_a_kernel("kernel_constraint"), "initializers": on_a_kernel("kernel_initializer"),
}  # fmt: skip
OBSERVERS = {
    "layers": observe_layers, "losses": observe_losses, "metrics": observe_metrics, "optimizers": observe_optimizer,
    "optimizers.schedules": observe_schedule, "regularizers": observe_kernels("kernel_regularizer", use=True),
    "constraints": observe_kernels("kernel_constraint", use=True),
    "initializers": observe_kernels("kernel_initializer", use=False),
}  # fmt: skip


def as_array(value):
    array = np.asarray(ops.convert_to_numpy(value))
    return array.astype(str if array.dtype.kind in "OSU" else "float64")


def described(value):
    """The config of an object, and its attributes, as plain data."""
    return {"class": type(value).__name__, "config": config(value), "attributes": attributes(value)}


def config(value):
    try:
        return plain(value.get_config())
    except NotImplementedError:  # what some classes of Keras say of arguments that are objects
        return None


def attributes(value):
    found = {}
    for name, one in vars(value).items():
        if name in (
            "_path",
            "_parent_path",
            "_losses",
            "_build_input_shape",
        ):  # where it was made, and of the last call
            continue
        try:
            found[name] = plain(one)
        except TypeError:
            continue
    return found


def plain(value):
    """Plain data of plain data; functions by name, objects with a config by class and config.

    Raises:
        TypeError: It is something else.
    """
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        if any(isinstance(key, int) and key > 2**32 for key in value):
            raise TypeError("keys that are addresses")
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return np.asarray(value).tolist()
    if ops.is_tensor(value):
        return as_array(value).tolist()
    if hasattr(value, "get_config") and not isinstance(value, layers.Layer):
        return [type(value).__name__, plain(value.get_config())]
    if hasattr(value, "__name__"):
        return value.__name__
    raise TypeError(type(value))
