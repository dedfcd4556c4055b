"""Who is called with whose output, as Keras 1, 2 and 3 have written it."""

import pytest

from kept.tree.graph import called_with, inputs_of_layers
from kept.tree.parse import parse


def tensor(name):
    config = {"shape": [None, 4], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def layer(name, *inbound):
    return {"class_name": "Dense", "config": {"name": name}, "name": name, "inbound_nodes": list(inbound)}


def inputs(*layers, kind="Functional"):
    return inputs_of_layers(parse({"class_name": kind, "config": {"layers": list(layers)}}))


KERAS_3 = {"args": [[tensor("a"), tensor("b")]], "kwargs": {"mask": tensor("m")}}
KERAS_2 = [["a", 0, 0, {}], ["b", 0, 0, {"mask": ["m", 0, 0]}]]
OPERATION = ["a", 0, 0, {"y": ["b", 0, 0], "name": ["m", 0, 0]}]


@pytest.mark.parametrize("inbound", [KERAS_3, KERAS_2, OPERATION], ids=["keras 3", "keras 2", "operation of keras 2"])
def test_every_tensor_of_a_call_is_an_input(inbound):
    assert inputs(layer("a"), layer("b"), layer("m"), layer("c", inbound))[3] == ("a", "b", "m")


def test_a_constant_of_keras_2_is_no_input():
    assert inputs(layer("a"), layer("c", ["_CONSTANT_VALUE", -1, 5, {"y": ["a", 0, 0]}]))[1] == ("a",)


def test_a_layer_that_is_called_twice_has_the_inputs_of_both_calls_once():
    assert inputs(layer("a"), layer("b"), layer("c", [["a", 0, 0, {}]], KERAS_2))[2] == ("a", "b")


def test_names_of_no_layer_are_no_inputs():
    assert inputs(layer("a", [["elsewhere", 0, 0, {}], ["a", 0, 0, {}]])) == [()]


def test_a_sequence_hands_on_from_layer_to_layer():
    assert inputs(layer("a"), layer("b"), layer("c"), kind="acme>Sequential") == [(), ("a",), ("b",)]


def test_a_sequential_of_keras_1_is_a_sequence():
    tree = parse({"class_name": "Sequential", "config": [layer("a"), layer("b")]})
    assert inputs_of_layers(tree) == [(), ("a",)]


def test_where_the_config_says_nothing_nothing_is_made_up():
    assert inputs(layer("a"), layer("b"), kind="acme>Own") == [(), ()]


@pytest.mark.parametrize("value", [None, 3, "a", ["a"], ["a", 0], ["a", "0", 0], [None, 0, 0], {"a": {}}, [[[[]]]]])
def test_what_is_no_call_gives_nothing(value):
    assert list(called_with(parse({"class_name": "D", "config": {}, "inbound_nodes": value}))) == []
