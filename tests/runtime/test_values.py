"""Values that JSON cannot hold come back as what they were."""

import json
import math
import pathlib

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kept.errors import CorruptFileError
from kept.runtime.values import NotEncodable, array_digest, decode, digest_array, encode

plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
hashable = (
    plain
    | st.just(...)
    | st.builds(pathlib.PurePosixPath, st.text("ab/", min_size=1))
    | st.builds(range, st.integers(0, 9), st.integers(0, 9))
)
frozen = st.recursive(hashable, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5)
values = st.recursive(
    frozen | st.builds(bytearray, st.binary()) | st.builds(slice, st.integers(), st.none(), st.integers()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(frozen, inner, max_size=4) | st.sets(frozen, max_size=3) | st.tuples(inner),
    max_leaves=12,
)  # fmt: skip


def through_json(value):
    """Encoded, written as strict JSON, read, decoded."""
    store = {}

    def keep(array):
        store[str(len(store))] = np.array(array)
        return str(len(store) - 1)

    return decode(json.loads(json.dumps(encode(value, keep), allow_nan=False)), store)


@settings(max_examples=150, deadline=None)
@given(values)
def test_a_value_comes_back_equal_and_of_its_type(value):
    again = through_json(value)
    assert again == value
    assert repr(type(again)) == repr(type(value))


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from([np.float32, np.int8, np.complex64, np.bool_, np.uint16]),
        arrays.array_shapes(min_dims=0, min_side=0),
    )
)
def test_an_array_comes_back_bit_for_bit(array):
    again = through_json([array])[0]
    assert (again.dtype, again.shape, again.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize("value", [math.inf, -math.inf, complex(math.inf, 1), {1.5: math.inf}])
def test_infinities_come_back(value):
    assert through_json(value) == value


def test_nan_comes_back():
    assert math.isnan(through_json(math.nan))


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(-3), np.bool_(True), ml_dtypes.bfloat16(0.5)])
def test_a_scalar_of_numpy_comes_back_with_its_type(value):
    again = through_json(value)
    assert (type(again), again) == (type(value), value)


@pytest.mark.parametrize("name", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_was(name):
    stream = np.random.Generator(getattr(np.random, name)(3))
    stream.random(5)
    assert through_json(stream).random(4).tolist() == stream.random(4).tolist()


def test_a_key_that_kept_uses_itself_is_only_a_key():
    assert through_json({"$": "tuple", "items": [1]}) == {"$": "tuple", "items": [1]}


def test_the_type_of_a_key_is_kept():
    assert through_json({1: "a", "1": "b", (1, 2): "c"}) == {1: "a", "1": "b", (1, 2): "c"}


@pytest.mark.parametrize("value", [object(), len, np.array([object()]), [1, {2: open}], type], ids=repr)
def test_what_has_no_codec_is_refused(value):
    with pytest.raises(NotEncodable):
        encode(value, lambda array: "0")


def test_a_value_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(NotEncodable):
        encode(endless, lambda array: "0")


@pytest.mark.parametrize(
    "crafted",
    [{"$": "eval", "value": "1"}, {"$": ["tuple"]}, {"$": "tuple"}, {"$": "array", "value": "9"}, {"$": "bytes", "base64": "*"},
     {"$": "generator", "name": "Generator", "state": {}}, {"$": "generator", "name": "PCG64", "state": 3}, {"$": "range", "value": ["a"]},
     {"$": "dict", "items": [[[1], 2]]}, {"$": "float", "value": "os"}, {"$": "path", "value": 1, "pure": True}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_back_is_damage(crafted):
    with pytest.raises(CorruptFileError):
        decode(crafted, {})


@settings(max_examples=60, deadline=None)
@given(st.sets(st.text()), st.randoms())
def test_the_digest_of_a_set_does_not_depend_on_its_order(members, shuffle):
    ordered = list(members)
    shuffle.shuffle(ordered)
    assert encode(set(ordered), digest_array) == encode(members, digest_array)


def test_the_digest_of_an_array_is_of_its_values_in_order_wherever_they_lie():
    array = np.arange(12, dtype="float32").reshape(3, 4)
    assert array_digest(array) == array_digest(np.asfortranarray(array)) == array_digest(array[:, :])
    assert array_digest(array) != array_digest(array.T)


@pytest.mark.parametrize("other", [np.zeros(4, "int8"), np.zeros((2, 2), "int32"), np.zeros(1, "float32")])
def test_the_description_of_an_array_tells_dtype_and_shape_apart(other):
    assert digest_array(np.zeros(4, "int32")) != digest_array(other)
