"""Archives of numpy arrays that lie, or that want to run code. Each line: a member and its verdict."""

import io
import pickle
import zipfile

import h5py
import numpy as np
import pytest

from kept.errors import CorruptFileError, LimitExceededError, UnsafeContentError
from kept.formats.base import open_artifact
from kept.limits import Limits


class Canary:
    """Unpickling one is the end of the test."""

    def __reduce__(self):
        return pytest.fail, ("a pickle was read",)


def npy(header, data=b"", version=1):
    width = 2 if version == 1 else 4
    return b"\x93NUMPY" + bytes([version, 0]) + len(header).to_bytes(width, "little") + header + data


def said(descr="'<f4'", order="False", shape="(2,)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()


def objects(array):
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


EIGHT = bytes(8)
ARRAY = np.array([Canary()], object)
STRUCTURED = "[('a', '|O'), ('b', '<f4')]"
VERDICTS = {
    "objects": (objects(ARRAY), UnsafeContentError, "is a pickle, which runs code when it is read"),
    "a dict, as Keras writes it": (objects(np.array({"0": 1.0})), UnsafeContentError, "is a pickle"),
    "objects in a structure": (npy(said(STRUCTURED), EIGHT), UnsafeContentError, "is a pickle"),
    "objects that hide in another quote": (npy(said('"|O"'), EIGHT), UnsafeContentError, "is a pickle"),
    "a pickle alone": (pickle.dumps(Canary()), UnsafeContentError, "is a pickle"),
    "no array": (b"weights", CorruptFileError, "is no array of numpy"),
    "nothing": (b"", CorruptFileError, "is no array of numpy"),
    "an unknown version": (npy(said(), EIGHT, 9), CorruptFileError, "is no array of numpy"),
    "a call for a header": (npy(b"__import__('os').system('false')"), CorruptFileError, "its header cannot be read"),
    "an expression": (npy(said(shape="(1 + 1,)"), EIGHT), CorruptFileError, "its header cannot be read"),
    "a key twice": (
        npy(b"{'descr': '<f4', 'descr': '<f4', 'shape': (2,)}", EIGHT),
        CorruptFileError,
        "its header cannot be read",
    ),
    "more than a header": (npy(said() + b"[]", EIGHT), CorruptFileError, "its header cannot be read"),
    "a negative length": (npy(said(shape="(-2,)"), EIGHT), CorruptFileError, "its header cannot be read"),
    "a length of many digits": (npy(said(shape=f"({'9' * 5000},)"), EIGHT), CorruptFileError, "cannot be read"),
    "text": (npy(said("'<U2'"), EIGHT), CorruptFileError, "no tensor has such a type"),
    "raw bytes": (npy(said("'|V4'"), EIGHT), CorruptFileError, "no tensor has such a type"),
    "a float of five bytes": (npy(said("'<f5'"), EIGHT), CorruptFileError, "no tensor has such a type"),
    "a header cut short": (npy(said())[:40], CorruptFileError, "its header cannot be read"),
    "more than it holds": (npy(said(shape="(1125899906842624,)")), CorruptFileError, "than its header says"),
    "less than it holds": (npy(said(shape="(1,)"), EIGHT), CorruptFileError, "than its header says"),
    "a size beyond any": (npy(said(shape="(0, 9000000000000000000)")), LimitExceededError, "too large for any array"),
    "many dimensions": (npy(said(shape=f"({'1, ' * 40})")), LimitExceededError, "too many dimensions"),
    "a long header": (npy(said() + b" " * 60_000, EIGHT), LimitExceededError, "its header is too long"),
    "a header of gigabytes": (b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{}", LimitExceededError, "its header is too long"),
}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("name", VERDICTS)
def test_a_lying_array_is_refused(tmp_path, name, method):
    content, error, verdict = VERDICTS[name]
    file = tmp_path / "weights.npz"
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("layers/dense/vars/0.npy", content)
    with pytest.raises(error) as caught:
        open_artifact(file)
    assert str(caught.value).startswith(f"{file}: layers/dense/vars/0.npy: ")
    assert verdict in str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    file = tmp_path / "bomb.npz"
    np.savez_compressed(file, x=np.zeros(1 << 22))
    with pytest.raises(LimitExceededError, match="declares far more than it stores"):
        open_artifact(file, Limits(expansion_ratio=100, expansion_free_bytes=1 << 20))


def test_a_crowd_of_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "crowd.npz", *map(np.float32, range(30)))
    with pytest.raises(LimitExceededError, match="too many tensors"):
        open_artifact(tmp_path / "crowd.npz", Limits(tensor_count=20))


def test_a_second_reading_is_refused(tmp_path):
    """HDF5 itself would open what lies at byte 512."""
    content = io.BytesIO()
    with h5py.File(content, "w") as store:
        store["vars/0"] = [9.0]
    head = 30 + len("x.npy")
    header = said("'|u1'", shape=f"({len(content.getvalue())},)")
    padded = header + b" " * (512 - head - 10 - len(header))
    with zipfile.ZipFile(tmp_path / "two.npz", "w") as archive:
        archive.writestr("x.npy", npy(padded, content.getvalue()))
    with pytest.raises(UnsafeContentError, match="reads as two different files"):
        open_artifact(tmp_path / "two.npz")
