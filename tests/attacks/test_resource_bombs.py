"""Configs that ask for more than any machine has. Each builder makes one; none of them is built."""

import json

import numpy as np
import pytest

from kept.formats import keras_archive
from kept.formats.artifact import NewTensor
from kept.rules import judge
from kept.rules.security import resource_bomb
from kept.scanning.reading import opened


def node(name, config, shape=None, inbound=None):
    found = {"module": "keras.layers", "class_name": name, "config": config, "registered_name": None}
    found |= {"build_config": {"input_shape": shape}} if shape else {}
    return found | ({"inbound_nodes": inbound, "name": config["name"]} if inbound is not None else {})


def model(*layers, kind="Sequential"):
    config = {"name": "m", "layers": list(layers)}
    return {"module": "keras", "class_name": kind, "config": config, "registered_name": None}


def tensor_of(name, number=0):
    history = {"shape": [None, 1], "dtype": "float32", "keras_history": [name, number, 0]}
    return {"class_name": "__keras_tensor__", "config": history}


def call(*names):
    return {"args": [tensor_of(name) for name in names], "kwargs": {}}


def nested(depth, calls):
    """A model that calls a model many times, which calls a model many times."""
    inner = node("Dense", {"name": "d", "units": 1}, [None, 1], [call("i")])
    for level in range(depth):
        inputs = node("InputLayer", {"name": "i", "batch_shape": [None, 1]}, inbound=[])
        inner = model(inputs, inner, kind="Functional")
        inner |= {"name": f"m{level}", "inbound_nodes": [call("i")] * calls}
        inner["config"]["name"] = f"m{level}"
    return inner


def backwards(count):
    """Each layer takes what the one after it in the list returns."""
    last = node("InputLayer", {"name": f"l{count}", "batch_shape": [None, 1]}, inbound=[])
    chain = [node("Identity", {"name": f"l{at}"}, inbound=[call(f"l{at + 1}")]) for at in range(count)]
    return model(*chain, last, kind="Functional")


HUGE = 10**12
ALONE = {
    "units": (model(node("Dense", {"name": "d", "units": 10**13})), "units of 10,000,000,000,000"),
    "units of many digits": (model(node("Dense", {"name": "d", "units": 10**400})), "units of more than 10**39"),
    "units as a float": (model(node("Dense", {"name": "d", "units": 1e300})), "units of more than 10**2"),
    "an input": (model(node("InputLayer", {"name": "i", "batch_shape": [None, 1 << 50]})), "batch_shape of"),
    "what it is built for": (model(node("Dense", {"name": "d", "units": 1}, [None, 1 << 50])), "input_shape of"),
    "a product": (model(node("Embedding", {"name": "e", "input_dim": HUGE, "output_dim": HUGE})), "parameters"),
    "a kernel": (
        model(node("Conv2D", {"name": "c", "filters": 10**6, "kernel_size": [10**6, 10**6]})),
        "parameters, and at most",
    ),
    "steps": (model(node("RepeatVector", {"name": "r", "n": 1 << 45})), "n of"),
    "a tuple of kept or Keras": (
        model(node("Reshape", {"name": "r", "target_shape": {"class_name": "__tuple__", "items": [1 << 45]}})),
        "target_shape of",
    ),
    "models in models": (nested(24, 2), "building it takes"),
    "one model many times": (nested(3, 200), "building it takes"),
    "layers in the wrong order": (backwards(3000), "attempts"),
}
STORED = {
    "units": model(node("Dense", {"name": "d", "units": 10**9}, [None, 4])),
    "an input": model(node("Dense", {"name": "d", "units": 4}, [None, 10**9])),
    "an embedding": model(node("Embedding", {"name": "e", "input_dim": 10**6, "output_dim": 10**3}, [None, 1])),
    "a convolution": model(node("Conv2D", {"name": "c", "filters": 10**6, "kernel_size": [9, 9]}, [None, 8, 8, 64])),
    "a recurrent layer": model(node("LSTM", {"name": "l", "units": 10**5}, [None, 8, 4])),
    "a norm": model(node("BatchNormalization", {"name": "b", "axis": -1}, [None, 10**9])),
    "a crowd of layers": model(*(node("Dense", {"name": f"d{at}", "units": 1000}, [None, 1000]) for at in range(99))),
    "an inner layer": model(
        node("TimeDistributed", {"name": "t", "layer": node("Dense", {"name": "d", "units": 10**9}, [None, 4])})
    ),
}
SHARED = node("Dense", {"name": "d", "units": 1000}, [None, 1000])
HARMLESS = {
    "what is stored": model(SHARED),
    "a layer that stands in many places": model(*(model(SHARED) for _ in range(50))),
    "what is not built": model(node("Embedding", {"name": "e", "input_dim": 10**6, "output_dim": 10**3})),
    "a large hash": model(node("Hashing", {"name": "h", "num_bins": 1 << 33}, [None, 1])),
    "a seed": model(node("Dropout", {"name": "d", "rate": 0.5, "seed": 10**15}, [None, 4])),
}


def findings(path):
    with opened(path) as subject:
        return judge(subject, [resource_bomb])


def archive(path, config):
    kernel = NewTensor.of(np.zeros((1000, 1000), "float32"))
    keras_archive.write(str(path), config=config, tensors={"layers/d/vars/0": kernel}, metadata=lambda _: {})
    return path


@pytest.mark.parametrize("name", ALONE)
def test_a_config_that_asks_for_too_much_is_found(tmp_path, name):
    config, verdict = ALONE[name]
    (tmp_path / "model.json").write_text(json.dumps(config))
    found = findings(tmp_path / "model.json")
    assert any(verdict in one.message and one.severity.value == "error" for one in found), found


@pytest.mark.parametrize("name", STORED)
def test_layers_larger_than_all_tensors_of_the_file_are_found(tmp_path, name):
    found = findings(archive(tmp_path / "model.keras", STORED[name]))
    assert len(found) == 1
    assert "parameters, and the tensors of the file are 4,000,000 bytes" in found[0].message


@pytest.mark.parametrize("name", HARMLESS)
def test_a_model_that_asks_for_what_it_stores_is_harmless(tmp_path, name):
    assert findings(archive(tmp_path / "model.keras", HARMLESS[name])) == ()


def test_a_large_model_without_weights_is_harmless(tmp_path):
    layers = [node("Dense", {"name": f"d{at}", "units": 50_000}, [None, 50_000]) for at in range(100)]
    (tmp_path / "model.json").write_text(json.dumps(model(*layers)))
    assert findings(tmp_path / "model.json") == ()


def test_a_long_chain_in_order_is_harmless(tmp_path):
    config = backwards(3000)
    config["config"]["layers"].reverse()
    (tmp_path / "model.json").write_text(json.dumps(config))
    assert findings(tmp_path / "model.json") == ()


def test_a_graph_in_a_circle_is_looked_at_in_no_time(tmp_path):
    config = backwards(2000)
    config["config"]["layers"][-1]["inbound_nodes"] = [call("l0")]
    (tmp_path / "model.json").write_text(json.dumps(config))
    assert findings(tmp_path / "model.json") == ()
