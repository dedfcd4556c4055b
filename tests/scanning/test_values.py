"""Everything in a file is read once, in little memory."""

import tracemalloc

import h5py
import numpy as np
import pytest

from kept.formats import pieces
from kept.formats.artifact import checksum
from kept.formats.base import open_artifact
from kept.formats.source import Source
from kept.limits import DEFAULT_LIMITS, Limits
from kept.scanning import values
from kept.scanning.values import read_values
from tests.formats.samples import ARRAYS, write_sample

SUMS = {path: checksum(array) for path, array in ARRAYS.items()}


@pytest.fixture
def sample(tmp_path):
    write_sample(tmp_path / "a.keras")
    with open_artifact(tmp_path / "a.keras") as artifact:
        yield artifact


@pytest.mark.parametrize("part", [1 << 10, 1 << 14, 1 << 25])
def test_checksums_hold_in_parts_of_any_size(sample, monkeypatch, part):
    monkeypatch.setattr(values, "_PART_NBYTES", part)
    monkeypatch.setattr(Source, "step_nbytes", 1 << 8)
    assert read_values(sample, SUMS, DEFAULT_LIMITS).differing == {}


@pytest.mark.parametrize("part", [1 << 10, 1 << 25])
def test_a_wrong_checksum_is_told_with_the_right_one(sample, monkeypatch, part):
    monkeypatch.setattr(values, "_PART_NBYTES", part)
    wrong = dict.fromkeys(SUMS, "crc32:00000001")
    expected = {path: ("crc32:00000001", made) for path, made in SUMS.items()}
    assert read_values(sample, wrong, DEFAULT_LIMITS).differing == expected


def test_a_place_with_many_names_is_read_once(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "a.h5", "w") as store:
        store["a"] = np.array([1.0, np.nan])
        for index in range(50):
            store[f"again/{index:02}"] = store["a"]
    asked = []
    monkeypatch.setattr(values, "pieces", lambda *given: asked.append(given) or pieces.pieces(*given))
    with open_artifact(tmp_path / "a.h5") as artifact:
        assert len(read_values(artifact, {}, DEFAULT_LIMITS).nan) == 51
    assert len(asked) == 1


def test_what_unpacks_without_end_is_not_unpacked(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as store:
        store.create_dataset("a", data=np.zeros(1 << 16), compression="gzip")
        for index in range(50):
            store[f"again/{index:02}"] = store["a"]
    with open_artifact(tmp_path / "a.h5") as artifact:
        found = read_values(artifact, {}, Limits(expansion_free_bytes=1 << 21, expansion_ratio=1))
    assert [error.message for error in found.damage] == ["the tensors unpack to far more than is stored"]


def test_a_large_file_is_read_in_little_memory(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as store:
        store["a"] = np.ones(1 << 24, "<f4")
    with open_artifact(tmp_path / "a.h5") as artifact:
        tracemalloc.start()
        read_values(artifact, {"a": "crc32:0"}, DEFAULT_LIMITS)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8 << 20
