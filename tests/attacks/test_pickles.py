"""Pickles that are called models. Unpickling one of them is the end of the test."""

import gzip
import io
import pickle
import zipfile
import zlib

import numpy as np
import pytest

from kept.errors import PickledDataError
from kept.formats.base import open_artifact
from kept.formats.content import kind_of
from kept.rules import judge
from kept.rules.security import pickled_data, unsafe_container
from kept.scanning.reading import opened

NAMES = ["model.keras", "model.h5", "model.weights.h5", "model.npz", "model.safetensors", "model.json"]


class Canary:
    def __reduce__(self):
        return pytest.fail, ("a pickle was read",)


def of_torch():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Canary(), 2))
        archive.writestr("archive/version", "3\n")
    return content.getvalue()


def of_old_torch():
    return pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps(Canary(), 2)


def of_numpy():
    content = io.BytesIO()
    np.save(content, np.array([Canary()], object), allow_pickle=True)
    return content.getvalue()


def of_numpy_zip():
    content = io.BytesIO()
    np.savez(content, **{"vars/0": np.array([Canary()], object)})
    return content.getvalue()


KINDS = {
    **{f"protocol {number}": pickle.dumps(Canary(), number) for number in range(6)},
    "only data": pickle.dumps({"weights": [1.0]}),
    "a large one": pickle.dumps([Canary(), "x" * 100_000], 0),
    "joblib, compressed": zlib.compress(pickle.dumps(Canary())),
    "gzip": gzip.compress(pickle.dumps(Canary(), 0)),
    "torch": of_torch(),
    "old torch": of_old_torch(),
    "npy": of_numpy(),
    "npz": of_numpy_zip(),
}
HARMLESS = [
    b"cat\ndog\n.\n",
    b"[UNK]\nthe\nof\n",
    b"I\nam\nhere\n",
    b"(\n)\nc\nd\nR\n.\n",
    b'{"a": 1}',
    b"#version: 0.2\nl o\n",
    b"MZ\nNZ\n",
    b"N\n.\n",
    b"\x80\x02\0\0\0\0\0\0{}",
    b"\x93NUMPY\x01\0\x46\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
    b"",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_is_known_by_its_content(tmp_path, kind, name):
    (tmp_path / name).write_bytes(KINDS[kind])
    with pytest.raises(PickledDataError, match="which runs code when it is read"):
        open_artifact(tmp_path / name)


def test_a_pickle_is_one_finding_of_its_own(tmp_path):
    (tmp_path / "model.keras").write_bytes(KINDS["protocol 4"])
    with opened(tmp_path / "model.keras") as subject:
        found = judge(subject, [pickled_data, unsafe_container])
    assert [(one.rule, one.severity.value) for one in found] == [("pickled-data", "error")]


@pytest.mark.parametrize("content", HARMLESS, ids=repr)
def test_a_text_that_begins_like_a_pickle_is_none(content):
    assert kind_of(content) == ""
