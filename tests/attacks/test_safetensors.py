"""Headers of safetensors that lie. Each line: what stands in the header, the bytes behind it, and the verdict."""

import io
import json
import zipfile

import h5py
import pytest

from kept.errors import CorruptFileError, LimitExceededError, UnsafeContentError, UnsupportedVersionError
from kept.formats.base import open_artifact
from kept.limits import Limits


def tensor(start=0, end=8, shape=(2,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def file_of(header, data=bytes(8)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


TWICE = b'{"x": %s, "x": %s}' % ((json.dumps(tensor()).encode(),) * 2)
HUGE = 1 << 62
VERDICTS = {
    "a name twice": (file_of(TWICE), CorruptFileError, "the key 'x' stands twice"),
    "no JSON": (file_of(b"{x"), CorruptFileError, "header: not JSON"),
    "more than JSON": (file_of(b"{} {}"), CorruptFileError, "header: not JSON"),
    "not UTF-8": (file_of(b'{"\xff": 1}'), CorruptFileError, "header: not UTF-8"),
    "depth": (file_of(b'{"x": ' + b"[" * 10_000), LimitExceededError, "nested too deep"),
    "a header beyond the end": (
        (1000).to_bytes(8, "little") + b"{}" + bytes(8),
        CorruptFileError,
        "the header is cut",
    ),
    "a header of gigabytes": (
        (1 << 31).to_bytes(8, "little") + b"{}",
        LimitExceededError,
        "the header is too large",
    ),
    "tensors that overlap": (
        file_of({"x": tensor(), "y": tensor(4, 12)}, bytes(12)),
        CorruptFileError,
        "y: tensors overlap, or leave a gap",
    ),
    "two tensors on one place": (file_of({"x": tensor(), "y": tensor()}), CorruptFileError, "tensors overlap"),
    "a gap": (file_of({"x": tensor(4, 12)}, bytes(12)), CorruptFileError, "x: tensors overlap, or leave a gap"),
    "bytes at the end": (file_of({"x": tensor()}, bytes(9)), CorruptFileError, "bytes that no tensor has"),
    "a place beyond the end": (file_of({"x": tensor()}, bytes(7)), CorruptFileError, "or the file is cut"),
    "a place that runs backwards": (file_of({"x": tensor(8, 0)}), CorruptFileError, "does not fit its shape"),
    "a place before the data": (file_of({"x": tensor(-8, 0)}), CorruptFileError, "does not fit its shape"),
    "a shape that does not fit": (file_of({"x": tensor(shape=(3,))}), CorruptFileError, "does not fit its shape"),
    "an empty tensor off its place": (
        file_of({"x": tensor(), "y": tensor(3, 3, (0,))}),
        CorruptFileError,
        "tensors overlap, or leave a gap",
    ),
    "a shape that overflows": (
        file_of({"x": tensor(0, 0, (HUGE, 4, 0))}, b""),
        LimitExceededError,
        "too large for any array",
    ),
    "many dimensions": (file_of({"x": tensor(shape=[1] * 40)}), LimitExceededError, "too many dimensions"),
    "a negative length": (file_of({"x": tensor(shape=(-2, -1))}), CorruptFileError, "not a shape"),
    "a length that is no number": (file_of({"x": tensor(shape=("2",))}), CorruptFileError, "not a shape"),
    "a length that is true": (file_of({"x": tensor(shape=(True, 2))}), CorruptFileError, "not a shape"),
    "a length with a point": (file_of({"x": tensor(shape=(2.0,))}), CorruptFileError, "not a shape"),
    "places that are no numbers": (file_of({"x": tensor(0.0, 8.0)}), CorruptFileError, "not a place in the file"),
    "an unknown type": (file_of({"x": tensor(dtype="object")}), CorruptFileError, "no tensor has such a type"),
    "a type that is none": (file_of({"x": tensor(dtype=["F32"])}), CorruptFileError, "no tensor has such a type"),
    "a type of half bytes": (
        file_of({"x": tensor(shape=(16,), dtype="F4")}),
        UnsupportedVersionError,
        "a type that this version cannot read",
    ),
    "another key": (file_of({"x": {**tensor(), "file": "/etc/passwd"}}), CorruptFileError, "not the description"),
    "no description": (file_of({"x": 7}), CorruptFileError, "x: not the description of a tensor"),
    "metadata that is no text": (file_of({"__metadata__": {"a": 1}, "x": tensor()}), CorruptFileError, "dict of texts"),
    "a long name": (file_of({"x" * 5000: tensor()}), LimitExceededError, "an inner path is too long"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_lying_header_is_refused(tmp_path, name):
    content, error, verdict = VERDICTS[name]
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(error) as caught:
        open_artifact(tmp_path / "model.safetensors")
    assert str(caught.value).startswith(f"{tmp_path}/model.safetensors: ")
    assert verdict in str(caught.value)


def test_the_honest_file_is_opened(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(file_of({"x": tensor()}))
    with open_artifact(tmp_path / "model.safetensors") as artifact:
        assert artifact.tensors["x"].read().tolist() == [0.0, 0.0]


def test_a_crowd_of_tensors_is_refused(tmp_path):
    header = {f"x{index}": tensor(0, 0, (0,)) for index in range(30)}
    (tmp_path / "model.safetensors").write_bytes(file_of(header, b""))
    with pytest.raises(LimitExceededError, match="too many tensors"):
        open_artifact(tmp_path / "model.safetensors", Limits(tensor_count=20))


@pytest.mark.parametrize("what", ["zip", "hdf5"])
def test_a_second_reading_is_refused(tmp_path, what):
    """A reader of zip archives looks for the end, HDF5 at byte 512."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") if what == "zip" else h5py.File(inner, "w") as made:
        _ = made.writestr("config.json", "{}") if what == "zip" else made.create_dataset("x", data=[1.0])
    data = inner.getvalue()
    text = json.dumps({"x": tensor(0, len(data), (len(data),), "U8")}).encode()
    text += b" " * (512 - 8 - len(text))
    (tmp_path / "model.safetensors").write_bytes(file_of(text, data))
    with pytest.raises(UnsafeContentError, match="reads as two different files"):
        open_artifact(tmp_path / "model.safetensors")
