"""Tensors read in bulk are those that are read one by one, in memory of their own."""

import os

import numpy as np
import pytest

from kept.errors import CorruptFileError
from kept.formats import bulk
from kept.formats.artifact import NewTensor, checksum
from kept.formats.base import open_artifact
from tests.formats.samples import write_sample

MANY = {f"layers/tiny/vars/{index:04}": np.full(index % 37, index, "float32") for index in range(3000)}
LARGE = {"vars/0": np.arange(9_000_000, dtype="int32"), "vars/1": np.arange(5_000_000, dtype="float64")}


@pytest.fixture(params=["a little of everything", "many", "large"])
def file(request, tmp_path):
    path = tmp_path / "model.keras"
    chosen = {"many": MANY, "large": LARGE}.get(request.param)
    write_sample(path, **({} if chosen is None else {"tensors": {k: NewTensor.of(v) for k, v in chosen.items()}}))
    return path


def test_values_are_those_of_each_tensor(file):
    with open_artifact(file) as artifact:
        arrays, damaged = bulk.load(artifact)
        assert arrays.keys() == artifact.tensors.keys()
        assert [name for name, one in artifact.tensors.items() if checksum(one.read()) != checksum(arrays[name])] == []
        assert all((arrays[k].shape, arrays[k].dtype) == (v.shape, v.read().dtype) for k, v in artifact.tensors.items())
    assert damaged == []


def test_arrays_can_be_written_to_and_the_file_stays_as_it_is(file):
    before = file.read_bytes()
    with open_artifact(file) as artifact:
        for array in bulk.load(artifact)[0].values():
            array.reshape(-1).view(np.uint8)[:] = 255
    assert file.read_bytes() == before


def test_large_arrays_begin_where_backends_take_them_over(tmp_path):
    write_sample(tmp_path / "m.keras", tensors={name: NewTensor.of(array) for name, array in LARGE.items()})
    with open_artifact(tmp_path / "m.keras") as artifact:
        arrays, _ = bulk.load(artifact)
    assert [one.ctypes.data % 64 for one in arrays.values()] == [0, 0]


def test_a_checksum_that_does_not_hold_names_its_tensor(file):
    with open_artifact(file) as artifact:
        sums = {name: one.checksum() for name, one in artifact.tensors.items()}
        assert bulk.load(artifact, sums)[1] == []
        wrong = next(iter(sums))
        assert bulk.load(artifact, {**sums, wrong: "crc32:00000001"})[1] == [wrong]


def test_a_file_that_is_cut_while_it_is_read_is_an_error(tmp_path):
    path = tmp_path / "m.keras"
    write_sample(path, tensors={name: NewTensor.of(array) for name, array in LARGE.items()})
    with open_artifact(path) as artifact:
        os.truncate(path, 1000)
        with pytest.raises(CorruptFileError, match="cut while it was read"):
            bulk.load(artifact)


def test_what_is_read_ahead_is_what_would_be_read_later(file):
    with open_artifact(file) as artifact:
        sums = {name: one.checksum() for name, one in artifact.tensors.items()}
        wanted = list(artifact)[1:]
        arrays, damaged = bulk.load(wanted, sums)
        with bulk.loading_ahead(artifact, sums) as load:
            ahead, differing = load(wanted, sums)
    assert ahead.keys() == arrays.keys() == {one.path for one in wanted}
    assert all(ahead[name].tobytes() == array.tobytes() for name, array in arrays.items())
    assert all(ahead[name].dtype == array.dtype and ahead[name].flags.writeable for name, array in arrays.items())
    assert damaged == differing == []


def test_a_damaged_tensor_that_nobody_asks_for_is_not_told(file):
    with open_artifact(file) as artifact:
        first, *others = artifact
        with bulk.loading_ahead(artifact, {first.path: "crc32:00000001"}) as load:
            assert load(others, {first.path: "crc32:00000001"})[1] == []
        with bulk.loading_ahead(artifact, {first.path: "crc32:00000001"}) as load:
            assert load(artifact, {first.path: "crc32:00000001"})[1] == [first.path]


def test_a_file_that_is_cut_while_it_is_read_ahead_is_an_error_for_who_asks(tmp_path):
    path = tmp_path / "m.keras"
    write_sample(path, tensors={name: NewTensor.of(array) for name, array in MANY.items()})
    with open_artifact(path) as artifact:
        os.truncate(path, 1000)
        with bulk.loading_ahead(artifact, {}) as load, pytest.raises(CorruptFileError, match="cut while it was read"):
            load(artifact, None)
