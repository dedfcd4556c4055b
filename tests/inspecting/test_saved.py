"""A real model, saved by kept and by plain Keras: every layer has the parameters and the shape that Keras says."""

import json

import pytest

from kept.inspecting.run import inspect_file
from tests.conftest import Python, require_backend

SCRIPT = """
import json, sys
import keras
import kept

class Scaled(keras.layers.Layer):
    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), name="scale")

    def call(self, x):
        return x * self.scale * self.rate

x = image = keras.Input((8, 8, 3), name="image")
x = keras.layers.Conv2D(4, 3, name="stem")(x)
x = Scaled(0.5, name="scaled")(x)
inner = [keras.Input((6, 6, 4)), keras.layers.Dense(5, name="a"), keras.layers.Dropout(0.1), keras.layers.Flatten()]
x = keras.Sequential(inner, name="inner")(x)
x = keras.layers.Reshape((-1, 5), name="rows")(x)
x = keras.layers.Bidirectional(keras.layers.LSTM(6), name="both")(x)
model = keras.Model(image, keras.layers.Dense(1, name="head")(x), name="classifier")
model.compile("adam", "mse")
kept.save(model, "kept.keras", verify=False)
model.save("stock.keras")
model.save("stock.h5")
model.save_weights("stock.weights.h5")
told = {layer.name: [layer.count_params(), list(layer.output.shape)] for layer in model.layers}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    require_backend("jax")
    python = Python(tmp_path_factory.mktemp("saved"))
    python.write("s.py", SCRIPT)
    ended = python("s.py", KERAS_BACKEND="jax")
    assert ended.code == 0, ended.err
    return python.folder, json.loads(ended.out.splitlines()[-1])


@pytest.mark.parametrize("name", ["kept.keras", "stock.keras", "stock.h5"])
def test_every_layer_has_the_parameters_and_the_shape_that_keras_says(name, saved):
    folder, told = saved
    found = inspect_file(folder / name)
    assert {one.name: [one.parameter_count, list(one.shape)] for one in found.model.layers} == told


def test_weights_alone_have_the_same_parameters(saved):
    folder, told = saved
    found = inspect_file(folder / "stock.weights.h5")
    counts = {one.name: one.parameter_count for one in found.model.layers if one.parameter_count}
    assert counts == {name: count for name, (count, _) in told.items() if count}


def test_layers_inside_models_and_wrappers_are_found(saved):
    found = inspect_file(saved[0] / "kept.keras")
    assert (found.find("inner/a").class_name, found.find("inner/a").parameter_count) == ("Dense", 25)
    assert found.find("both/forward_lstm").class_name == "LSTM"
    assert found.find("layers/sequential/layers/dense").name == "a"


def test_the_record_that_kept_wrote_holds(saved):
    found = inspect_file(saved[0] / "kept.keras", checksums=True)
    assert found.record.compared_count == found.record.checksum_count >= 20
    assert found.holds
    assert [(one.import_path, one.is_embedded) for one in found.required] == [("__main__:Scaled", True)]
