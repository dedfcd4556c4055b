"""What a config asks for, beside what Keras makes of it."""

import pytest

from kept.tree.parse import parse
from kept.tree.sizes import attempts, calls, dimensions, is_built, parameters
from kept.tree.walk import walk

LAW = """
import json
import keras
from keras import layers as L
from kept.tree.parse import parse
from kept.tree.sizes import is_built, parameters
from kept.tree.walk import walk

MADE = [
    (L.Dense(7), (5,)), (L.Embedding(11, 5), (3,)), (L.EinsumDense("ab,bc->ac", output_shape=9, bias_axes="c"), (8,)),
    (L.Conv1D(6, 3, groups=2), (9, 4)), (L.Conv2D(6, (3, 2)), (9, 9, 4)), (L.Conv2DTranspose(6, 3), (9, 9, 4)),
    (L.Conv3D(6, 3), (9, 9, 9, 4)), (L.SeparableConv1D(6, 3), (9, 4)), (L.SeparableConv2D(6, 3), (9, 9, 4)),
    (L.DepthwiseConv1D(3, depth_multiplier=2), (9, 4)), (L.DepthwiseConv2D(3), (9, 9, 4)),
    (L.LSTM(5, use_bias=False), (4, 3)), (L.GRU(5), (4, 3)), (L.SimpleRNN(5), (4, 3)),
    (L.Bidirectional(L.LSTM(5)), (4, 3)),
    (L.RNN([L.LSTMCell(5), L.GRUCell(6)]), (4, 3)), (L.ConvLSTM2D(3, 2), (4, 9, 9, 2)),
    (L.BatchNormalization(center=False, scale=False), (5,)), (L.LayerNormalization(axis=(1, 2)), (5, 6)),
    (L.LayerNormalization(center=False, scale=False), (5,)), (L.GroupNormalization(2), (4, 6)), (L.PReLU(), (5, 6)),
    (L.GroupNormalization(2, center=False, scale=False), (4, 6)), (L.PReLU(shared_axes=[1]), (5, 6)),
    (L.TimeDistributed(L.Dense(4)), (5, 3)), (L.Dense(7, lora_rank=2), (5,)),
]
for layer, shape in MADE:
    model = keras.Sequential([keras.Input(shape), layer])
    nodes = list(walk(parse(json.loads(model.to_json()))))
    least = sum(map(parameters, nodes))
    assert is_built(iter(nodes))
    assert least <= model.count_params(), (layer, least, model.count_params())
    assert least * 12 >= model.count_params(), (layer, least, model.count_params())
print("held for", len(MADE))
"""


def layer(name, config=None, **fields):
    return {"class_name": name, "config": {"name": "x", **(config or {})}, **fields}


def test_no_layer_of_keras_has_fewer_parameters(python):
    python.write("law.py", LAW)
    assert python("law.py").out == "held for 26\n"


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (layer("Dense", {"units": 3}, build_config={"input_shape": [None, 5]}), 15),
        (layer("Dense", {"units": 3}), 3),
        (layer("Dense", {"units": "many"}), 1),
        (layer("Dense", {"units": True}), 1),
        (layer("Dense", {"units": -4}), 1),
        (layer("Dense", {"units": float("nan")}), 1),
        (layer("Embedding", {"input_dim": 10, "output_dim": 4}), 40),
        (layer("Dropout", {"rate": 0.5}), 0),
        (layer("BatchNormalization", {"axis": 9}, build_config={"input_shape": [None, 5]}), 0),
        (layer("Dense", {"units": 3}, build_config={"input_shape": "wide"}), 3),
    ],
)
def test_the_fewest_parameters_of_a_layer(node, expected):
    assert parameters(parse(node)) == expected


def test_lengths_are_found_in_lists_tuples_and_shapes_of_several_inputs():
    built = {"input_shape": [[None, 3], [None, 4]]}
    config = {"target_shape": {"class_name": "__tuple__", "items": [5, 6]}, "seed": 99}
    found = list(dimensions(parse(layer("X", config, build_config=built))))
    assert sorted(length for _, length in found) == [3, 4, 5, 6]


def test_a_model_without_shapes_is_not_built():
    assert not is_built(walk(parse(layer("Sequential", {"layers": [layer("Dense", {"units": 3})]}))))
    assert is_built(walk(parse(layer("Sequential", {"layers": [layer("InputLayer")]}))))


def test_a_model_that_is_called_twice_is_built_twice():
    once = layer("Functional", {"layers": [layer("Dense", inbound_nodes=[[]])]}, inbound_nodes=[[]])
    twice = {**once, "inbound_nodes": [[], []]}
    assert (calls(parse(once)), calls(parse(twice))) == (2, 4)


def test_layers_in_order_are_tried_once_each():
    chain = [
        layer("Dense", {"name": f"l{at}"}, inbound_nodes=[[[f"l{at - 1}", 0, 0, {}]]] if at else []) for at in range(9)
    ]
    assert attempts(parse(layer("Functional", {"layers": chain}))) == 8
    assert attempts(parse(layer("Functional", {"layers": chain[::-1]}))) == sum(range(1, 9))
