"""Configs that ask for what no model needs, each made by one small function; nothing in them could do harm."""

import base64
import io
import json
import marshal
import pickle
import zipfile

import h5py


def node(module, name, config=None, registered=None):
    """An object as Keras 3 writes it."""
    return {"module": module, "class_name": name, "config": config or {}, "registered_name": registered}


def function(module, name, registered=None):
    return {"module": module, "class_name": "function", "config": name, "registered_name": registered or name}


def layer(kind, **config):
    return node("keras.layers", kind, {"name": "l", "trainable": True, **config})


def model(*layers, **more):
    return {**node("keras", "Sequential", {"name": "m", "trainable": True, "layers": list(layers)}), **more}


def dense(**config):
    return model(layer("Dense", **{"units": 2, **config}))


def compiled(**config):
    return model(layer("Dense", units=2), compile_config=config)


LAMBDA = {"class_name": "__lambda__", "config": {"value": "bytecode", "defaults": None, "closure": None}}
MARSHALLED = base64.b64encode(marshal.dumps((lambda: None).__code__)).decode()
PICKLED = base64.b64encode(pickle.dumps({"a": list(range(9))})).decode()


def archive(path, config):
    """A `.keras` without weights."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}))
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", empty_weights())
    return path


def empty_weights():
    held = io.BytesIO()
    with h5py.File(held, "w") as file:
        file.create_group("vars")
    return held.getvalue()


def legacy(path, config, training=None):
    """A whole-model `.h5` of Keras 2."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        if training is not None:
            file.attrs["training_config"] = json.dumps(training)
        file.create_group("model_weights").attrs["layer_names"] = []
    return path


MISPLACED = {
    "a function that downloads, as an activation": dense(activation=function("keras.utils", "get_file")),
    "a class form of it": dense(activation=node("keras.utils", "get_file")),
    "the same by where it is defined": dense(activation=function("keras.src.utils.file_utils", "get_file")),
    "a module function that Keras 3.8 found": dense(activation=function("os", "system")),
    "a class of a module": dense(kernel_initializer=node("subprocess", "Popen", {"args": ["true"]})),
    "a built-in function": dense(activation=function("builtins", "eval", "function")),
    "a built-in class": dense(kernel_initializer=node("builtins", "eval", {"source": "1"})),
    "numpy's reader": dense(activation=function("numpy", "load")),
    "a backend's reader": dense(activation=function("tensorflow.python.ops.io_ops", "read_file")),
    "torch's reader": dense(activation=function("torch.serialization", "load")),
    "the reader of models": dense(activation=function("keras.models", "load_model")),
    "the switch of Keras": dense(activation=function("keras.config", "enable_unsafe_deserialization")),
    "a private function of Keras": dense(activation=function("keras.src.saving.saving_lib", "load_model")),
    "a layer as an initializer": dense(kernel_initializer=layer("Dense", units=2)),
    "an initializer as a layer": model(node("keras.initializers", "Zeros")),
    "a loss as an optimizer": compiled(optimizer=node("keras.losses", "Huber")),
    "a layer as a metric": compiled(metrics=[layer("Dense", units=2)]),
    "an activation as an initializer": dense(kernel_initializer=function("keras.activations", "relu")),
    "an object where a number belongs": dense(units=node("keras.initializers", "Zeros")),
    "a callback": dense(activation=node("keras.callbacks", "ModelCheckpoint", {"filepath": "x"})),
    "a progress bar": model(node("keras.utils", "Progbar", {"target": 1})),
    "inside a wrapper": model(layer("TimeDistributed", layer=node("keras.utils", "get_file"))),
    "inside a cell": model(layer("RNN", cell=[layer("LSTMCell", units=2, activation=function("os", "system"))])),
    "in a graph's arguments": model(
        {**layer("Add"), "inbound_nodes": [{"args": [function("keras.utils", "get_file")], "kwargs": {}}]}
    ),
    "in the config of a custom class": model(
        node("acme", "Scaled", {"helper": {"deep": [function("keras.utils", "get_file")]}}, "acme>Scaled")
    ),
    "in a tuple": dense(activation={"class_name": "__tuple__", "config": {"value": [node("os", "system")]}}),
    "as the loss": compiled(loss={"out": function("keras.utils", "get_file")}),
    "under a key that compile does not have": compiled(other=function("keras.utils", "get_file")),
    "a type of a tensor that is none": model(
        layer("InputLayer", type_spec={"class_name": "__typespec__", "spec_name": "system", "module": "os",
                                       "registered_name": None, "config": []})
    ),
    "as Keras 2 writes it": {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "Dense", "config": {"units": 2, "kernel_initializer": {"class_name": "Dense", "config": {}}}}]}},
    "a value of kept that names a reader": dense(activation=node(
        "kept", "Value", {"value": {"$": "partial", "func": {"$": "known", "value": "numpy:load"}}}, "kept>Value")),
    "a value of kept that names a module": dense(activation=node(
        "kept", "Value", {"value": {"$": "module", "value": "os"}}, "kept>Value")),
}  # fmt: skip

CODE = {
    "a lambda in a Lambda layer": model(layer("Lambda", function=LAMBDA)),
    "a lambda as an activation": dense(activation=LAMBDA),
    "a lambda as a loss": compiled(loss=LAMBDA),
    "a lambda as a metric": compiled(metrics=[[LAMBDA]]),
    "a lambda in a model in a model": model(model(layer("TimeDistributed", layer=layer("Lambda", function=LAMBDA)))),
    "a lambda in a custom class": model(node("acme", "Scaled", {"call": {"deep": [LAMBDA]}}, "acme>Scaled")),
    "a lambda beside a function": dense(activation={**function("keras.activations", "relu"), "more": [LAMBDA]}),
    "a lambda in a lambda": dense(
        activation={**LAMBDA, "config": {"value": "", "defaults": [LAMBDA], "closure": None}}),
    "a lambda in a tensor": dense(bias_initializer={"class_name": "__tensor__", "config": {"value": [LAMBDA]}}),
    "a lambda in the history of a tensor": model(
        {**layer("Add"), "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": LAMBDA}}]}]}
    ),
    "a lambda in how a layer is built": model({**layer("Dense", units=2), "build_config": {"input_shape": LAMBDA}}),
    "a lambda beside the config": {**dense(), "more": {"deep": [LAMBDA]}},
    "a lambda in a list of tuples": dense(
        activation={"class_name": "__tuple__", "config": {"value": [{"class_name": "__tuple__", "config": [LAMBDA]}]}}
    ),
    "the list of Keras 2": {"class_name": "Sequential", "config": [
        {"class_name": "Lambda", "config": {"function": ["code", None, None], "function_type": "lambda"}}]},
    "the list of Keras 2 as a shape": {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Lambda", "config": {"function": "f", "function_type": "function",
                                            "output_shape": ["code", None, None], "output_shape_type": "lambda"}}]}},
    "marshalled Python in a text": dense(name=MARSHALLED),
    "pickled Python in a text": model(node("acme", "Scaled", {"state": PICKLED}, "acme>Scaled")),
}  # fmt: skip

FOREIGN = {
    "a Torch module": model(layer("TorchModuleWrapper", module="cGlja2xl")),
    "a SavedModel at a path": model(layer("TFSMLayer", filepath="/srv/other", call_endpoint="serve")),
    "functions of JAX": model(layer("JaxLayer", call_fn=function("acme", "f"), init_fn=function("acme", "g"))),
    "a file operation of TensorFlow": {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"class_name": "TFOpLambda", "config": {"name": "l", "function": "io.write_file"}}]}},
    "an operation in a graph": {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"class_name": "TensorFlowOpLayer", "config": {"name": "l", "node_def": {"op": "ReadFile"}}}]}},
}  # fmt: skip

PATHS = {
    "a vocabulary at a path": model(layer("StringLookup", vocabulary="/etc/hostname")),
    "a vocabulary beside": model(layer("TextVectorization", vocabulary="words.txt")),
    "a vocabulary above": model(layer("IntegerLookup", vocabulary="../../words.txt")),
    "a vocabulary at an address": model(layer("StringLookup", vocabulary="https://example.com/words.txt")),
    "weights of words in a bucket": model(layer("TextVectorization", idf_weights="gs://bucket/weights")),
    "a vocabulary by Keras 2": {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "StringLookup", "config": {"vocabulary": "file:///etc/hostname"}}]}},
    "a home folder": model(layer("StringLookup", vocabulary="~/words.txt")),
    "a path of Windows": model(layer("StringLookup", vocabulary="C:\\words.txt")),
}  # fmt: skip

NAMES = {
    "a class of Keras under another's name": model(node("keras.layers", "Dense", {"units": 2}, "Custom>Evil")),
    "a function of Keras under another's name": dense(activation=function("builtins", "relu", "acme>relu2")),
    "two classes of one name": model(node("acme", "One", {}, "acme>One"), node("acme", "Two", {}, "acme>One")),
    "a bare name that is another": model(node("acme", "One", {}, "Dense")),
    "a value of kept under another's name": dense(activation=node("kept", "Value", {"value": 1}, "acme>Evil")),
}

EVERY = {
    "misplaced-object": MISPLACED,
    "code-payload": CODE,
    "foreign-payload": FOREIGN,
    "external-path": PATHS,
    "names-disagree": NAMES,
}
