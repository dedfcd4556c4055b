"""The tree of a config: every form that Keras and kept write, with its path, and nothing lost."""

import json

import pytest

from kept.errors import LimitExceededError
from kept.tree.nodes import Form, Node
from kept.tree.parse import parse, plain
from kept.tree.walk import layers_of, walk

DENSE = {
    "module": "keras.layers",
    "class_name": "Dense",
    "registered_name": None,
    "name": "head",
    "config": {"name": "head", "units": 3, "kernel_initializer": {"class_name": "Zeros", "config": {}}},
    "build_config": {"input_shape": [None, 4]},
}
MODEL = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {"name": "small", "layers": [DENSE, {**DENSE, "name": "tail"}]},
    "compile_config": {"optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.1}}, "loss": "mse"},
}


def test_every_node_has_its_path_in_the_file():
    assert [node.path for node in walk(parse(MODEL))] == [
        "",
        "config.layers[0]",
        "config.layers[0].config.kernel_initializer",
        "config.layers[1]",
        "config.layers[1].config.kernel_initializer",
        "compile_config.optimizer",
    ]


def test_a_tree_is_written_back_as_it_was_read():
    assert plain(parse(MODEL)) == MODEL


def test_the_file_that_was_read_is_left_as_it_was():
    before = json.dumps(MODEL)
    parse(MODEL)
    assert json.dumps(MODEL) == before


def test_a_node_cannot_be_changed():
    tree = parse(MODEL)
    with pytest.raises(TypeError):
        tree.fields["class_name"] = "Other"
    with pytest.raises(AttributeError):
        tree.path = "elsewhere"


def test_settings_are_the_config_without_the_objects_in_it():
    dense = layers_of(parse(MODEL))[0]
    assert dict(dense.settings) == {"name": "head", "units": 3}


def test_a_sequential_of_keras_1_lists_its_layers_as_its_config():
    tree = parse({"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "a"}}]})
    assert [layer.name for layer in layers_of(tree)] == ["a"]
    assert dict(tree.config) == {}


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        (DENSE, Form.OBJECT),
        ({"class_name": "function", "module": "builtins", "config": "my_loss"}, Form.FUNCTION),
        ({"class_name": "__lambda__", "config": {"value": ["4wEA", None, None]}}, Form.CODE),
        ({"class_name": "__tuple__", "items": [1, 2]}, Form.LITERAL),
        ({"class_name": "Value", "module": "kept", "config": {"value": {"$": "set", "items": [1]}}}, Form.VALUE),
    ],
)
def test_each_form_is_known(fields, form):
    assert parse(fields).form is form


def test_a_function_is_called_by_its_name():
    tree = parse({"loss": {"class_name": "function", "config": "my_loss"}})
    assert [node.name for node in tree.children] == ["my_loss"]


def test_objects_inside_literals_and_lists_are_found():
    tree = parse({"class_name": "__tuple__", "items": [[DENSE]]})
    assert [node.path for node in tree.children] == ["items[0][0]"]


def test_what_python_cannot_follow_is_one_clear_error():
    deep = {}
    for _ in range(5000):
        deep = {"c": deep}
    with pytest.raises(LimitExceededError, match="nested too deep"):
        parse(deep)


def test_a_long_key_above_many_nodes_is_refused():
    with pytest.raises(LimitExceededError, match="a path in the config is too long"):
        parse({"class_name": "D", "config": {"k" * 3000: [{"class_name": "D"}]}})


def test_a_name_of_another_type_is_no_name():
    node = parse({"class_name": "Dense", "module": 3, "config": {"name": ["head"]}, "registered_name": {}})
    assert (node.name, node.module, node.registered_name) == ("", "", "")
    assert isinstance(node, Node)
