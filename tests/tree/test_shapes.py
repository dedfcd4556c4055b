"""Shapes of what layers return, as far as a config says them."""

from kept.tree.parse import parse
from kept.tree.shapes import output_shapes


def layer(class_name, name, taken=(), **config):
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"shape": shape, "keras_history": [source, 0, 0]}}
        for source, shape in taken
    ]
    return {
        "class_name": class_name,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": [{"args": tensors}] if tensors else [],
    }


def built(class_name, name, shape, **config):
    return {"class_name": class_name, "config": {"name": name, **config}, "build_config": {"input_shape": shape}}


def shapes(class_name, *layers):
    return output_shapes(parse({"class_name": class_name, "config": {"layers": list(layers)}}))


def test_in_a_graph_the_layers_that_take_a_tensor_say_its_shape():
    found = shapes(
        "Functional",
        layer("InputLayer", "x", batch_shape=[None, 8]),
        layer("Custom", "own", [("x", [None, 8])]),
        layer("Dense", "out", [("own", [None, 5])], units=2),
    )
    assert found == {"x": (None, 8), "own": (None, 5), "out": (None, 2)}


def test_in_a_sequence_the_next_layer_says_for_what_it_was_built():
    found = shapes("Sequential", built("Dense", "a", [None, 3]), built("Custom", "b", [None, 7]))
    assert found == {"a": (None, 7)}


def test_layers_that_keep_a_shape_hand_it_on():
    found = shapes(
        "Sequential", built("Dense", "a", [None, 3], units=4), {"class_name": "Dropout", "config": {"name": "b"}}
    )
    assert found == {"a": (None, 4), "b": (None, 4)}


def test_flattening_multiplies_what_is_known():
    assert shapes("Sequential", built("Flatten", "flat", [None, 2, 3]))["flat"] == (None, 6)
    assert shapes("Sequential", built("Flatten", "flat", [None, None, 3]))["flat"] == (None, None)


def test_the_last_layer_of_a_model_inside_says_what_the_model_returns():
    inner = {
        "class_name": "Sequential",
        "config": {"name": "inner", "layers": [built("Dense", "a", [None, 3], units=4)]},
    }
    assert shapes("Sequential", {**inner, "build_config": {"input_shape": [None, 3]}})["inner"] == (None, 4)


def test_shapes_that_are_no_shapes_are_left_out():
    assert shapes("Sequential", built("Dense", "a", [None, "3"], units=4)) == {}
    assert shapes("Functional", layer("InputLayer", "x", batch_shape={"rows": 2})) == {}
    assert shapes("Functional", layer("Dense", "a", [("x", [True, 2])], units="many")) == {}
