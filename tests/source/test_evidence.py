"""What sort of value an expression or an annotation is."""

import ast

import pytest

from kept.source.evidence import Sort, of_annotation, of_expression
from tests.source.reading import module

HEAD = """
import enum, functools, pathlib, typing
from typing import Callable, Optional, Union
import keras
import numpy as np
import tensorflow as tf
class Color(enum.Enum):
    RED = 1
class Told:
    def get_config(self): ...
class Shaped(typing.NamedTuple):
    x: int
def act(x): ...
TABLE = np.zeros(3)
"""
PLAIN = None


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("1", PLAIN), ("'a'", PLAIN), ("[1, 2]", PLAIN), ("{'a': 1}", PLAIN), ("unknown(1)", PLAIN), ("f'{x}'", PLAIN),
        ("{1}", Sort.SET), ("frozenset([1])", Sort.SET), ("b'a'", Sort.BYTES), ("1j", Sort.COMPLEX),
        ("1 - 2j", Sort.COMPLEX), ("{0: 1}", Sort.INT_KEYS), ("[np.ones(2)]", Sort.ARRAY), ("TABLE", Sort.ARRAY),
        ("np.float32(1)", PLAIN), ("keras.ops.ones(2)", Sort.TENSOR), ("tf.constant(1)", Sort.TENSOR),
        ("keras.ops.shape(x)", PLAIN), ("pathlib.Path('a')", Sort.PATH), ("Color.RED", Sort.ENUM),
        ("Color.RED.value", PLAIN), ("keras.layers.Dense(2)", Sort.LAYER), ("keras.initializers.Zeros()", Sort.KERAS),
        ("Told()", Sort.OBJECT), ("act", Sort.CALLABLE), ("lambda x: x", Sort.CALLABLE),
        ("functools.partial(act, 1)", Sort.CALLABLE), ("Shaped(1)", PLAIN), ("range(3)", Sort.RANGE),
    ],
)  # fmt: skip
def test_an_expression_says_what_it_makes(text, sort):
    found = module(f"{HEAD}value = {text}")
    assert of_expression(found, found.tree.body[-1].value) is sort


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("int", PLAIN), ("str | None", PLAIN), ("list[int]", PLAIN), ("Shaped", PLAIN), ("Unknown", PLAIN),
        ("np.ndarray", Sort.ARRAY), ("Optional[np.ndarray]", Sort.ARRAY), ("'np.ndarray'", Sort.ARRAY),
        ("str | np.ndarray", PLAIN), ("Union[tf.Tensor, np.ndarray]", Sort.TENSOR), ("set[int]", Sort.SET),
        ("list[keras.layers.Layer]", Sort.LAYER), ("dict[str, Color]", Sort.ENUM), ("dict[int, str]", Sort.INT_KEYS),
        ("Callable[[int], int]", Sort.CALLABLE), ("tuple[int, ...]", PLAIN), ("'not a type('", PLAIN),
    ],
)  # fmt: skip
def test_an_annotation_says_what_it_allows(text, sort):
    found = module(f"{HEAD}value: {text}")
    assert of_annotation(found, found.tree.body[-1].annotation) is sort


def test_a_name_that_a_function_binds_is_not_known():
    found = module(f"{HEAD}def make(act):\n    return act\n")
    returned = next(node for node in ast.walk(found.tree) if isinstance(node, ast.Return))
    assert of_expression(found, returned.value) is PLAIN
