"""A record of kept that is not of the file that it is in."""

import hashlib
from functools import partial

import pytest

from tests.rules.integrity.judging import ARRAYS, BIAS, KERNEL, archive, own_record, said, weights


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.keras"


def of(**changes):
    return partial(own_record, **changes)


def test_a_record_of_other_weights_is_found(file):
    assert said(archive(file, record=of(weights_crc=7))) == {"record-disagrees": ()}


def test_a_record_of_another_shape_is_found(tmp_path):
    def told(written):
        record = own_record(written)
        record["tensors"][KERNEL]["shape"] = [4, 3]
        return record

    assert said(weights(tmp_path / "a.weights.h5", record=told)) == {"record-disagrees": (KERNEL,)}


@pytest.mark.parametrize("record", [[], "kept", 7, False])
def test_a_record_that_is_none_is_found(file, record):
    assert said(archive(file, record=lambda written: record)) == {"record-disagrees": ()}


def test_a_record_without_tensors_is_found(file):
    assert said(archive(file, record=of(tensors=None))) == {"record-disagrees": ()}


def test_source_is_compared_with_its_hash(file):
    text = "x = 1\n"
    sources = {"good": {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}}
    assert said(archive(file, record=of(sources=sources))) == {}
    sources |= {"bad": {"text": text, "sha256": "0" * 64}, "none": 3}
    assert said(archive(file, record=of(sources=sources))) == {"record-disagrees": ("bad", "none")}


@pytest.mark.parametrize(("dtype", "shape", "found"), [("float32", [4], True), ("float16", [4], False)])
def test_a_fingerprint_of_other_numbers_is_found(file, dtype, shape, found):
    variables = {"model.layers[0].bias": [dtype, shape, "crc32:00000000", True, "", ""]}
    fingerprint = {"snapshot": {"variables": variables}}
    where = {"record-disagrees": ("model.layers[0].bias",)} if found else {}
    assert said(archive(file, record=of(fingerprint=fingerprint))) == where


def test_the_fingerprint_of_these_numbers_is_not(file):
    def told(written):
        sums = {"a": ["float32", list(ARRAYS[BIAS].shape), written.tensors[BIAS].checksum]}
        return own_record(written, fingerprint={"snapshot": {"variables": sums}})

    assert said(archive(file, record=told)) == {}
