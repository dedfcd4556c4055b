"""Bytes that changed, and numbers that are none."""

import ml_dtypes
import numpy as np
import pytest

from kept.formats.base import open_artifact
from kept.rules import judge, rules
from kept.scanning.reading import subject_of
from tests.rules.integrity.judging import ARRAYS, BIAS, KERNEL, archive, changed, own_record, said, weights

ONES = ARRAYS[BIAS].tobytes()


def test_a_changed_tensor_is_found_by_the_record(tmp_path):
    file = changed(weights(tmp_path / "a.weights.h5", record=own_record), ONES, ONES[:-1] + b"\x40")
    assert said(file) == {"checksum-mismatch": (BIAS,)}


def test_a_changed_member_is_found_by_the_checksum_of_the_archive(tmp_path):
    file = changed(archive(tmp_path / "a.keras"), ONES, ONES[:-1] + b"\x40")
    assert said(file) == {"checksum-mismatch": ("model.weights.h5",)}


def test_a_changed_array_is_found_by_the_checksum_of_its_member(tmp_path):
    np.savez(tmp_path / "a.npz", **ARRAYS)
    found = said(changed(tmp_path / "a.npz", ONES, ONES[:-1] + b"\x40"))
    assert set(found["checksum-mismatch"]) == {BIAS, f"{BIAS}.npy"}


def test_nothing_is_read_where_nobody_asks(tmp_path):
    file = changed(weights(tmp_path / "a.weights.h5", record=own_record), ONES, ONES[:-1] + b"\x40")
    with open_artifact(file) as artifact:
        assert judge(subject_of(artifact, str(file)), rules("integrity")) == ()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f4", "<c8", ml_dtypes.bfloat16, ml_dtypes.float8_e5m2])
def test_a_number_that_is_not_finite_is_found(tmp_path, dtype, value):
    array = np.ones(7, dtype)
    array[3] = value
    assert said(weights(tmp_path / "a.weights.h5", {KERNEL: array, BIAS: np.ones(3)})) == {"nan-in-weights": (KERNEL,)}


@pytest.mark.parametrize(
    "dtype", ["<i4", "?", "<f2", "<f4", ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.int4]
)
def test_the_largest_and_smallest_numbers_are_finite(tmp_path, dtype):
    patterns = np.array([2, -2, 0, 1]).astype(dtype)
    largest = np.full(64, np.finfo("f4").max, "<f4")
    assert said(weights(tmp_path / "a.weights.h5", {KERNEL: patterns, BIAS: largest})) == {}


def test_what_kept_holds_beside_the_weights_may_be_infinite(tmp_path):
    assert said(weights(tmp_path / "a.weights.h5", {"_kept/variables/0": np.array(np.inf)})) == {}


def test_nan_is_a_warning(tmp_path):
    file = weights(tmp_path / "a.weights.h5", {KERNEL: np.array([np.nan, np.inf])})
    with open_artifact(file) as artifact:
        found = judge(subject_of(artifact, str(file), reads_values=True), rules("integrity"))
    assert [(one.severity.value, one.message) for one in found] == [
        ("warning", "holds NaN"),
        ("warning", "holds infinite numbers"),
    ]
