"""The config tree of a model: plain JSON, what Keras writes, with every custom object in it known."""

import pytest

from tests.runtime.models import HEAD, PLAIN_LAYER

HELP = (
    HEAD
    + PLAIN_LAYER
    + """
import json
from kept.runtime.serialize import serialize
from kept.runtime.state import ExtraState
from kept.runtime.walk import walk
def written(model):
    return serialize(model, list(walk(model)), ExtraState())
"""
)
NAMES = "made = written(model)\nresult = {path: one.__name__ for path, one in made.nodes.items()}\n"
MODEL = "model = keras.Sequential([keras.Input((3,)), Scale(2)])\n"


def test_the_config_of_a_model_of_keras_is_what_keras_writes(lab):
    model = "a = keras.Input((3,))\nmodel = keras.Model(a, layers.Dense(2, activation='relu')(a))\nmodel.compile('adam', 'mse')\n"
    stock = "model.save(file)\nimport zipfile\nstock = json.loads(zipfile.ZipFile(file).read('config.json'))\n"
    assert lab.here(HELP, model, stock, "result = written(model).config == stock").result


def test_every_custom_object_is_known_by_its_place_in_the_tree(one_lab):
    assert one_lab.here(HELP, MODEL, NAMES).result == {"config.layers[1]": "Scale"}


def test_functions_and_lambdas_are_known_by_their_place(one_lab):
    model = "def bent(x):\n    return x\nmodel = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=bent), layers.Lambda(lambda x: x)])\n"
    assert one_lab.here(HELP, model, NAMES).result == {
        "config.layers[1].config.activation": "bent",
        "config.layers[2].config.function": "<lambda>",
    }


def test_a_function_named_as_one_of_keras_is_known_and_written_under_its_name(one_lab):
    model = (
        "def relu(x):\n    return x\nmodel = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=relu)])\n"
    )
    node = "result = [result, made.config['config']['layers'][1]['config']['activation']['config']]"
    assert one_lab.here(HELP, model, NAMES, node).result == [{"config.layers[1].config.activation": "relu"}, "relu"]


def test_the_tree_is_json_without_a_trace_of_the_marks(one_lab):
    text = one_lab.here(HELP, MODEL, "result = json.dumps(written(model).config, allow_nan=False)").result
    assert "kept" not in text


def test_serialising_changes_neither_the_model_nor_keras(one_lab):
    check = "from keras.src.saving import serialization_lib as lib\nbefore = vars(lib).copy(), model.get_config()\nwritten(model)\n"
    assert one_lab.here(
        HELP, MODEL, check, "result = [vars(lib) == before[0], model.get_config() == before[1]]"
    ).result == [True, True]


FAILING = {
    "raises": ("raise RuntimeError('no')", "Bad.get_config raises RuntimeError: no"),
    "returns nothing": ("return None", "Bad.get_config returns no dict"),
    "returns what cannot be written": ("return {'f': open}", "kept.register_codec"),
}


@pytest.mark.parametrize("how", FAILING)
def test_an_object_whose_config_fails_is_named_with_its_place(how, one_lab):
    body, message = FAILING[how]
    bad = f"class Bad(layers.Layer):\n    def get_config(self):\n        {body}\n    def call(self, x):\n        return x\n"
    error = one_lab.here(
        HELP, bad, "model = keras.Sequential([keras.Input((3,)), layers.Dense(2), Bad(), Bad()])\nwritten(model)"
    ).error
    assert error["type"] == "SerializationError"
    assert {"model.layers[1]", "model.layers[2]"} <= set(error["places"])
    assert message in error["text"]
