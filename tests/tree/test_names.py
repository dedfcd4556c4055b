"""Names of classes: whose they are, and what Keras calls them in a weights file."""

import pytest

from kept.tree.names import import_path, is_stock, names_origin, snake_case
from kept.tree.parse import parse


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("Dense", "dense"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("LSTM", "lstm"),
        ("BatchNormalization", "batch_normalization"),
        ("MyRMSLayer", "my_rms_layer"),
        ("", ""),
    ],
)
def test_a_class_is_called_in_a_weights_file_as_keras_calls_it(class_name, expected):
    assert snake_case(class_name) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"class_name": "Dense", "module": "keras.layers"}, True),
        ({"class_name": "Dense", "module": "keras_evil"}, False),
        ({"class_name": "Swish", "module": None, "registered_name": "acme>Swish"}, False),
        ({"class_name": "__tuple__", "items": []}, True),
        ({"class_name": "Value", "module": "kept"}, True),
        ({"class_name": "__lambda__", "config": {}}, False),
    ],
)
def test_a_class_is_stock_only_where_the_file_says_so(fields, expected):
    assert is_stock(parse(fields)) is expected


def test_files_of_keras_2_do_not_say_where_a_class_is_from():
    assert not names_origin(parse({"class_name": "Dense", "config": {}}))
    assert names_origin(parse({"class_name": "Dense", "module": None, "config": {}}))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"class_name": "Swish", "module": "acme.act"}, "acme.act:Swish"),
        ({"class_name": "acme>Swish"}, "__main__:Swish"),
        ({"class_name": "function", "module": "builtins", "config": "loss"}, "__main__:loss"),
    ],
)
def test_an_import_path_says_as_much_as_the_file(fields, expected):
    assert import_path(parse(fields)) == expected
