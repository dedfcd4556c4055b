"""What a constructor does with the keys of a config."""

import pytest

from kept.source.arguments import Taking, base_keys, given_to_base, is_functional, takes
from tests.source.reading import model_of


def layer(init, forward, base="keras.layers.Layer"):
    text = f"import keras\nclass A({base}):\n    def __init__(self, {init}):\n        super().__init__({forward})\n"
    return model_of(text)


@pytest.mark.parametrize(
    ("init", "forward", "key", "taking"),
    [
        ("units, **kwargs", "**kwargs", "units", Taking.NAMED),
        ("units, **kwargs", "**kwargs", "trainable", Taking.NAMED),
        ("units, **kwargs", "**kwargs", "other", Taking.REFUSED),
        ("units", "", "trainable", Taking.REFUSED),
        ("units, **kwargs", "", "trainable", Taking.SWALLOWED),
        ("units, **kwargs", "name=kwargs['name']", "trainable", Taking.UNKNOWN),
        ("units, **kwargs", "name='x', **kwargs", "name", Taking.TWICE),
        ("*args, **kwargs", "*args, **kwargs", "trainable", Taking.NAMED),
        ("**kwargs", "kwargs.pop('more'), **kwargs", "more", Taking.NAMED),
    ],
)
def test_a_key_is_named_refused_swallowed_or_given_twice(init, forward, key, taking):
    assert takes(layer(init, forward), key) is taking


def test_what_is_given_to_the_base_by_position_has_its_name():
    assert list(given_to_base(layer("**kwargs", "4, 'relu', use_bias=True, **kwargs", "keras.layers.Dense"))) == [
        "units",
        "activation",
        "use_bias",
    ]


@pytest.mark.parametrize(
    ("forward", "expected"),
    [("inputs=i, outputs=o", True), ("i, o, **kwargs", True), ("**kwargs", False), ("name='x'", False)],
)
def test_a_model_of_inputs_and_outputs_is_functional(forward, expected):
    assert is_functional(layer("**kwargs", forward, "keras.Model")) is expected


def test_the_keys_of_the_base_are_those_of_the_class_that_get_config_names():
    text = "import keras\nclass A(keras.layers.Dense):\n    def get_config(self):\n        return {}\n"
    assert "units" in base_keys(model_of(text))
    assert base_keys(model_of(text.replace("{}", "keras.layers.Layer.get_config(self)"))) == {
        "name",
        "trainable",
        "dtype",
    }
