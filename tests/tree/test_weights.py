"""The weights that a config says are those that Keras makes."""

import json

import keras
import pytest

from kept.tree.parse import parse
from kept.tree.weights import _OF_CLASS, expected_weights, is_built

layers = keras.layers
IMAGE, ROW, WORDS = (None, 9, 8, 4), (None, 9, 4), (None, 5)
VOLUME = (None, 6, 6, 6, 4)
MADE = [
    (layers.Dense(3), ROW),
    (layers.Dense(3, use_bias=False), ROW),
    (layers.Embedding(7, 3), WORDS),
    (layers.Conv1D(6, 3, groups=2), ROW),
    (layers.Conv2D(6, (3, 2)), IMAGE),
    (layers.Conv2D(6, 3, data_format="channels_first"), IMAGE),
    (layers.Conv3D(6, 3, use_bias=False), VOLUME),
    (layers.Conv1DTranspose(6, 3), ROW),
    (layers.Conv2DTranspose(6, (3, 2)), IMAGE),
    (layers.Conv3DTranspose(6, 3), VOLUME),
    (layers.DepthwiseConv1D(3, depth_multiplier=2), ROW),
    (layers.DepthwiseConv2D(3), IMAGE),
    (layers.SeparableConv1D(6, 3, depth_multiplier=2), ROW),
    (layers.SeparableConv2D(6, 3), IMAGE),
    (layers.BatchNormalization(), IMAGE),
    (layers.BatchNormalization(axis=1, scale=False), IMAGE),
    (layers.BatchNormalization(center=False, scale=False), IMAGE),
    (layers.LayerNormalization(), IMAGE),
    (layers.LayerNormalization(axis=[1, -1], center=False), IMAGE),
    (layers.LSTM(3), ROW),
    (layers.GRU(3), ROW),
    (layers.GRU(3, reset_after=False), ROW),
    (layers.SimpleRNN(3, use_bias=False), ROW),
]


def node(layer):
    return parse(json.loads(json.dumps(keras.saving.serialize_keras_object(layer))))


@pytest.mark.parametrize(("layer", "shape"), MADE, ids=lambda one: getattr(one, "name", ""))
def test_shapes_are_those_of_the_layer(layer, shape):
    layer.build(shape)
    told = expected_weights(node(layer))
    holder = getattr(layer, told.inner) if told.inner else layer
    assert [one.shape for one in told.weights] == [tuple(one.shape) for one in holder.weights]


def test_every_class_of_the_table_is_compared():
    assert {type(layer).__name__ for layer, _ in MADE} == set(_OF_CLASS)


def test_a_layer_that_was_never_built_says_what_it_knows():
    told = node(layers.Dense(3))
    assert [one.shape for one in expected_weights(told).weights] == [(None, 3), (3,)]
    assert not is_built(told)


def test_a_quantised_layer_is_left_alone():
    layer = layers.Dense(3)
    layer.build((None, 4))
    layer.quantize("int8")
    assert expected_weights(node(layer)) is None


@pytest.mark.parametrize(
    "config",
    [{"units": 3}, {"units": -1, "use_bias": True}, {"units": "3", "use_bias": True}, {"units": 3, "use_bias": 1}],
)
def test_a_config_that_is_strange_says_nothing(config):
    assert expected_weights(parse({"class_name": "Dense", "config": config})) is None


def test_an_axis_that_the_input_has_not_says_nothing():
    config = {"axis": 9, "center": True, "scale": True}
    strange = {"class_name": "BatchNormalization", "config": config, "build_config": {"input_shape": [None, 3]}}
    assert expected_weights(parse(strange)) is None
