"""Values of numpy come back bit for bit, with their dtype, and go on where they were."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kept.runtime.codecs import NotEncodable, digest_array
from tests.conftest import named
from tests.runtime.codecs.trips import again, codes, comes_back, nested

KINDS = ["float32", "int8", "complex64", "bool", "uint16", "datetime64[ns]", "timedelta64[D]", "U3", "S2", ">f8", ">i2"]


@settings(max_examples=100, deadline=None)
@given(arrays.arrays(st.sampled_from(KINDS), arrays.array_shapes(min_dims=0, min_side=0, max_side=4)))
def test_an_array_comes_back_bit_for_bit(array):
    for one in (again(array), nested(array)):
        assert (type(one), one.dtype, one.shape, one.tobytes()) == (
            np.ndarray,
            array.dtype,
            array.shape,
            array.tobytes(),
        )


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "int4"])
def test_an_array_of_a_type_that_numpy_lacks_comes_back(name):
    array = np.arange(4).astype(getattr(ml_dtypes, name))
    assert again(array).dtype == array.dtype
    assert again(array).tobytes() == array.tobytes()


def test_an_array_with_fields_comes_back():
    array = np.array([(1, 2.5, b"a")], np.dtype([("a", "i4"), ("b", ">f8", (1,)), ("c", "S3")], align=True))
    assert again(array).dtype == array.dtype
    assert again(array).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "value",
    [np.float32(1.5), np.int64(-3), np.bool_(True), np.complex64(1j), ml_dtypes.bfloat16(0.5), np.str_("ab"), np.bytes_(b"a"),
     np.datetime64("2024-01-01T10"), np.timedelta64(3, "D"), np.float16(2)],
    ids=named,
)  # fmt: skip
def test_a_scalar_comes_back_with_its_type(value):
    assert comes_back(value)
    assert again(value).dtype == value.dtype


@pytest.mark.parametrize("value", ["f4", ">i2", "M8[ns]", "U7", "V3", [("a", "i4"), ("b", "f4", (2,))], bool, ml_dtypes.bfloat16])  # fmt: skip
def test_a_dtype_comes_back(value):
    assert comes_back(np.dtype(value))


@pytest.mark.parametrize("name", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_was(name):
    stream = np.random.Generator(getattr(np.random, name)(3))
    stream.random(5)
    assert again(stream).random(4).tolist() == stream.random(4).tolist()


def test_a_random_state_goes_on_where_it_was():
    stream = np.random.RandomState(3)
    stream.normal(size=3)
    assert again(stream).normal(size=5).tolist() == stream.normal(size=5).tolist()


def test_an_array_goes_beside_the_json():
    code, state = codes(np.zeros(1000))
    assert len(str(code)) < 100
    assert [array.shape for array in state.arrays.values()] == [(1000,)]


@pytest.mark.parametrize("value", [np.array([object()]), np.ma.array([1], mask=[1]), np.dtype(object)], ids=named)
def test_what_would_lose_something_is_refused(value):
    with pytest.raises(NotEncodable):
        codes(value)


def test_the_digest_of_an_array_is_of_its_values_in_order_wherever_they_lie():
    array = np.arange(12, dtype="float32").reshape(3, 4)
    assert digest_array(array) == digest_array(np.asfortranarray(array)) == digest_array(array[:, :])
    assert digest_array(array) != digest_array(array.T.reshape(3, 4))


@pytest.mark.parametrize("other", [np.zeros(4, "int8"), np.zeros((2, 2), "int32"), np.zeros(1, "float32")])
def test_the_description_of_an_array_tells_dtype_and_shape_apart(other):
    assert digest_array(np.zeros(4, "int32")) != digest_array(other)
