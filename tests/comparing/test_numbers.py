"""What differs in the numbers of two tensors."""

import math

import ml_dtypes
import numpy as np
import pytest

from kept.comparing import numbers
from kept.comparing.numbers import compared
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
from kept.formats.safetensors import write


def stored(path, array):
    """The array as a tensor in a file."""
    write(str(path), {"x": NewTensor.of(np.asarray(array))})
    return open_artifact(path).tensors["x"]


@pytest.fixture
def compare(tmp_path):
    def run(a, b, tolerance=None):
        return compared([(stored(tmp_path / "a", a), stored(tmp_path / "b", b))], tolerance)[0]

    return run


def test_equal_numbers_have_no_deviation(compare):
    values = np.array([1, np.nan, -0.0, np.inf], "float32")
    assert compare(values, values) is None


def test_the_largest_and_the_relative_difference_are_told(compare):
    found = compare(np.array([3, 0], "float32"), np.array([3, 4], "float32"))
    assert (found.count, found.differing_count, found.largest) == (2, 1, 4.0)
    assert (found.distance, found.length, found.relative) == (4.0, 5.0, 0.8)


def test_numbers_in_equal_pieces_count_for_the_length(compare, monkeypatch):
    monkeypatch.setattr(numbers, "_PIECE_COUNT", 2)
    found = compare(np.array([3, 0, 0, 0], "float32"), np.array([3, 0, 0, 4], "float32"))
    assert (found.differing_count, found.length) == (1, 5.0)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8", "uint8", "int32", "uint32", "int64", "uint64"])
def test_every_type_is_compared(compare, dtype):
    found = compare(np.array([1, 5], dtype), np.array([1, 2], dtype))
    assert (found.differing_count, found.largest) == (1, 3.0)


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn])
def test_types_of_ml_dtypes_are_compared(compare, dtype):
    assert compare(np.array([1, 4], dtype), np.array([1, 2], dtype)).largest == 2.0


def test_booleans_and_complex_numbers_are_compared(compare):
    assert compare(np.array([True, False]), np.array([True, True])).largest == 1.0
    assert compare(np.array([1 + 1j], "complex64"), np.array([1 - 2j], "complex64")).largest == 3.0


def test_the_whole_range_of_integers_is_far_apart(compare):
    found = compare(np.array([-(2**63)], "int64"), np.array([2**63 - 1], "int64"))
    assert found.largest == float(2**64 - 1)


def test_nan_on_one_side_is_counted_and_left_out_of_the_largest(compare):
    found = compare(np.array([np.nan, 1, 2], "float32"), np.array([0, 1, 3], "float32"))
    assert (found.differing_count, found.nan_count, found.largest) == (2, 1, 1.0)


def test_infinite_against_finite_is_infinitely_far(compare):
    found = compare(np.array([np.inf, np.inf], "float32"), np.array([np.inf, 1], "float32"))
    assert (found.differing_count, found.largest) == (1, math.inf)


def test_equal_numbers_in_other_bits_are_told(compare):
    found = compare(np.array([0.0, 1], "float32"), np.array([-0.0, 1], "float32"))
    assert (found.differing_count, found.largest) == (1, 0.0)


def test_other_types_are_compared_by_value(compare):
    values = np.array([0.5, 1.25], "float32")
    assert compare(values, values.astype("float16")) is None
    assert compare(values, np.array([0.5, 1.5], "float16")).largest == 0.25
    assert compare(values, values.astype(ml_dtypes.bfloat16)) is None


@pytest.mark.parametrize(("tolerance", "close"), [((1e-3, 0.0), True), ((0.0, 1e-3), False), ((1e-5, 0.0), False)])
def test_a_tolerance_is_relative_and_absolute(compare, tolerance, close):
    found = compare(np.array([1000, 1], "float32"), np.array([1000.5, 1], "float32"), tolerance)
    assert (found.close, found.largest) == (close, 0.5)


def test_nan_and_infinite_numbers_are_close_only_to_themselves(compare):
    close = (1e9, 1e9)
    assert compare(np.array([np.nan, 1.0]), np.array([np.nan, 2.0]), close).close
    assert not compare(np.array([np.nan]), np.array([1.0]), close).close
    assert not compare(np.array([np.inf]), np.array([1.0]), close).close


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
def test_any_shape_is_compared(compare, shape):
    assert compare(np.ones(shape, "float32"), np.ones(shape, "float32")) is None
    assert (compare(np.ones(shape, "float32"), np.zeros(shape, "float32")) is None) is (0 in shape)


def test_a_difference_in_the_last_number_of_a_large_tensor_is_found(compare):
    a = np.zeros(300_001, "float32")
    b = a.copy()
    b[-1] = 1
    assert compare(a, b).differing_count == 1


def test_many_tensors_are_answered_in_order(tmp_path):
    pairs = [(stored(tmp_path / f"a{n}", [n]), stored(tmp_path / f"b{n}", [n + n % 3])) for n in range(40)]
    assert [one.largest if one else 0 for one in compared(pairs)] == [n % 3 for n in range(40)]


def test_progress_ends_at_the_whole(tmp_path):
    told = []
    a = stored(tmp_path / "a", np.zeros((10, 10), "float32"))
    compared([(a, a)], progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (400, 400)
