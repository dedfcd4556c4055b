"""Names in source stand for what was imported or defined."""

import ast

import pytest

from tests.source.reading import module


def stands_for(text, expression):
    """What an expression at the end of a text stands for."""
    found = module(f"{text}\n{expression}\n")
    return found.dotted(found.tree.body[-1].value)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("import keras", "keras.layers.Dense"),
        ("from keras import layers", "layers.Dense"),
        ("from keras import layers as L", "L.Dense"),
        ("from keras.layers import Dense as D", "D"),
        ("import tensorflow as tf", "tf.keras.layers.Dense"),
        ("from tensorflow import keras", "keras.layers.Dense"),
        ("import tensorflow.keras.layers as kl", "kl.Dense"),
        ("from tensorflow.python.keras.layers import Dense", "Dense"),
        ("import keras\nL = keras.layers", "L.Dense"),
        ("try:\n    import keras\nexcept ImportError:\n    import keras_core as keras", "keras.layers.Dense"),
    ],
    ids=range(10),
)
def test_every_way_to_import_keras_gives_one_name(text, expression):
    assert stands_for(text, expression) == "keras.layers.Dense"


def test_a_class_of_the_module_has_the_name_of_the_module():
    assert stands_for("class Scale: ...", "Scale") == "shop.layers.Scale"


def test_a_definition_hides_an_import():
    assert stands_for("from keras.layers import Dense\nclass Dense: ...", "Dense") == "shop.layers.Dense"


def test_an_unknown_name_stands_for_nothing():
    assert stands_for("", "nobody.knows") is None


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from . import blocks", "shop.blocks"),
        ("from .blocks import inner as blocks", "shop.blocks.inner"),
        ("from .. import blocks", "blocks"),
    ],
    ids=["sibling", "name", "above"],
)
def test_relative_imports_start_from_the_package(statement, expected):
    assert stands_for(statement, "blocks") == expected


def test_a_parameter_hides_what_was_imported():
    found = module("from keras import layers\ndef f(layers):\n    return layers.Dense\n")
    returned = next(node for node in ast.walk(found.tree) if isinstance(node, ast.Return))
    assert found.dotted(returned.value) is None


def test_a_method_sees_what_the_module_imports():
    found = module("from keras import layers\nclass A:\n    def f(self):\n        return layers.Dense\n")
    returned = next(node for node in ast.walk(found.tree) if isinstance(node, ast.Return))
    assert found.dotted(returned.value) == "keras.layers.Dense"
