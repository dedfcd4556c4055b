"""Statistics of tensors, in pieces, equal those over the whole."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kept.formats import pieces
from kept.formats.artifact import NewTensor, Tensor
from kept.formats.base import open_artifact
from kept.inspecting.values import read_number, stats_of
from tests.formats.samples import ARRAYS, write_sample


def in_memory(array):
    return Tensor("a", array.shape, array.dtype.name, array.nbytes, None, None, lambda _: array)


@pytest.fixture
def opened(tmp_path):
    write_sample(tmp_path / "a.keras")
    with open_artifact(tmp_path / "a.keras") as artifact:
        yield artifact.tensors


def test_statistics_in_pieces_are_those_of_the_whole(opened, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_NBYTES", 1 << 12)
    array = ARRAYS["layers/turned/vars/0"]
    found = stats_of(opened["layers/turned/vars/0"])
    assert (found.minimum, found.maximum, found.zero_count) == (0, array.max(), 1)
    assert found.mean == pytest.approx(array.mean(), rel=1e-12)
    assert found.std == pytest.approx(array.std(), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(array=arrays.arrays("float32", arrays.array_shapes(max_dims=2, max_side=9), elements=st.floats(width=32)))
def test_statistics_are_those_of_numpy(array):
    found, finite = stats_of(in_memory(array)), array[np.isfinite(array)].astype("float64")
    assert found.nan_count == np.isnan(array).sum()
    assert found.infinite_count == np.isinf(array).sum()
    assert found.zero_count == (array == 0).sum()
    assert (found.minimum is None) == (finite.size == 0)
    if finite.size:
        assert (found.minimum, found.maximum) == (finite.min(), finite.max())
        assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-30)


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.int4, "bool", "int8", "uint32"])
def test_every_real_type_has_statistics(dtype):
    found = stats_of(in_memory(np.array([0, 1, 1, 0]).astype(dtype)))
    assert (found.minimum, found.maximum, found.mean, found.zero_count) == (0, 1, 0.5, 2)


def test_complex_numbers_have_none():
    assert stats_of(in_memory(np.array([1j]))) is None


def test_an_empty_tensor_has_no_extremes():
    found = stats_of(in_memory(np.zeros((0, 4), "float32")))
    assert (found.minimum, found.maximum, found.mean, found.std, found.zero_count) == (None, None, None, None, 0)


def test_large_integers_do_not_overflow():
    found = stats_of(in_memory(np.array([2**62, 2**62], "int64")))
    assert (found.mean, found.std) == (2.0**62, 0)


def test_a_number_is_read_where_a_tensor_is_one():
    integers = [np.array(7, "int64"), np.array(-1, "int32"), np.array(9, "uint32")]
    assert [read_number(in_memory(array)) for array in integers] == [7, -1, 9]
    assert [read_number(in_memory(array)) for array in (np.array(7.0), np.array([7]))] == [None, None]


def test_memory_stays_small_whatever_the_size(tmp_path, monkeypatch):
    write_sample(tmp_path / "a.keras", tensors={"a": NewTensor.of(np.ones(3 << 20, "float32"))}, attributes={})
    with open_artifact(tmp_path / "a.keras") as artifact:
        sizes = [len(piece) for piece in pieces.pieces(artifact.tensors["a"])]
    assert sizes == [1 << 20] * 12
