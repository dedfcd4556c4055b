"""Tensors and variables come back as the same kind on the same backend, and as the present one's elsewhere."""

import keras
import numpy as np
import pytest

from kept.runtime.codecs import NotEncodable, encode
from kept.runtime.identity import DIGESTS
from tests.conftest import require_backend
from tests.runtime.codecs.trips import again, codes, nested

MADE = {
    "tensorflow": ["tf.constant([1.0, 2.0])", "tf.constant(['a', 'b'])", "tf.constant(3, tf.bfloat16)",
                   "tf.Variable([1, 2], trainable=False, name='v')"],
    "jax": ["jax.numpy.arange(3)", "jax.numpy.ones((2,), 'bfloat16')"],
    "torch": ["torch.arange(3)", "torch.ones(2, dtype=torch.bfloat16)", "torch.tensor(1.5)", "torch.zeros(2, requires_grad=True)",
              "torch.nn.Parameter(torch.ones(2), requires_grad=False)", "torch.ones(2, 3).T"],
}  # fmt: skip
TYPES = {
    "tensorflow": ["tf.float32", "tf.string", "tf.TensorShape([None, 3])", "tf.TensorShape(None)"],
    "jax": ["jax.numpy.float32", "jax.numpy.bfloat16"],
    "torch": ["torch.float32", "torch.int64", "torch.Size([2, 3])"],
}


def made(library, expression):
    require_backend(library)
    module = pytest.importorskip(library)
    return eval(expression, {library: module, "tf": module})


def bits(value):
    plain = value.detach().float() if hasattr(value, "detach") else value.numpy() if hasattr(value, "numpy") else value
    return type(value), value.dtype, value.shape, np.asarray(plain).tolist()


@pytest.mark.parametrize(("library", "expression"), [(one, each) for one, many in MADE.items() for each in many])
def test_a_tensor_comes_back(library, expression):
    value = made(library, expression)
    for one in (again(value), nested(value)):
        assert bits(one) == bits(value)
        assert getattr(one, "requires_grad", None) == getattr(value, "requires_grad", None)
        assert getattr(one, "trainable", None) == getattr(value, "trainable", None)


@pytest.mark.parametrize(("library", "expression"), [(one, each) for one, many in TYPES.items() for each in many])
def test_a_shape_or_dtype_comes_back(library, expression):
    value = made(library, expression)
    assert type(nested(value)) is type(value)
    assert str(nested(value)) == str(value)


def test_a_variable_of_keras_comes_back():
    value = keras.Variable(np.arange(3), dtype="int32", trainable=False, name="steps")
    one = nested(value)
    assert (one.name, one.dtype, one.trainable) == ("steps", "int32", False)
    assert keras.ops.convert_to_numpy(one).tolist() == [0, 1, 2]


def test_a_symbolic_tensor_is_refused():
    with pytest.raises(NotEncodable):
        codes([keras.KerasTensor((2,))])


def test_a_variable_has_no_digest_since_it_has_a_place_of_its_own():
    with pytest.raises(NotEncodable):
        encode(keras.Variable([1.0]), DIGESTS)
