import zipfile

import ml_dtypes
import numpy as np
import pytest

from kept.errors import CorruptFileError, UnknownFormatError, UnsafeContentError
from kept.formats import bulk
from kept.formats.base import open_artifact
from tests.formats.samples import GOLDEN, write_sample

ARRAYS = {
    "layers/dense/vars/0": np.arange(12, dtype="<f4").reshape(3, 4),
    "turned": np.arange(12, dtype="<f8").reshape(3, 4).T,
    "big_endian": np.arange(5, dtype=">i4"),
    "mask": np.array([True, False]),
    "complex": np.array([1 + 2j], "<c8"),
    "scalar": np.array(7, "<u8"),
    "empty": np.zeros((3, 0), "<f2"),
}


@pytest.fixture(params=[np.savez, np.savez_compressed])
def file(request, tmp_path):
    request.param(tmp_path / "weights.npz", **ARRAYS)
    return tmp_path / "weights.npz"


@pytest.mark.parametrize("path", ARRAYS)
def test_every_kind_of_array_is_read(file, path):
    with open_artifact(file) as artifact:
        found = artifact.tensors[path].read()
    expected = ARRAYS[path].astype(ARRAYS[path].dtype.newbyteorder("<"))
    assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_many_arrays_are_read_at_once(file):
    with open_artifact(file) as artifact:
        arrays, damaged = bulk.load(artifact, {tensor.path: tensor.checksum() for tensor in artifact})
    assert damaged == []
    assert all(np.array_equal(arrays[path], array) for path, array in ARRAYS.items())


def test_a_stored_array_lies_in_the_file_as_it_is(tmp_path):
    np.savez(tmp_path / "weights.npz", x=np.arange(6, dtype="<f4"))
    with open_artifact(tmp_path / "weights.npz") as artifact:
        tensor = artifact.tensors["x"]
    data = (tmp_path / "weights.npz").read_bytes()
    assert np.frombuffer(data, "<f4", 6, tensor.offset).tolist() == [0, 1, 2, 3, 4, 5]


def test_an_aligned_array_is_not_copied(tmp_path):
    """The name is as long as it takes for the values to begin at a multiple of their size."""
    with zipfile.ZipFile(tmp_path / "weights.npz", "w") as archive, archive.open("xxxxxx.npy", "w") as member:
        np.save(member, np.arange(6, dtype="<f4"))
    with open_artifact(tmp_path / "weights.npz") as artifact:
        assert artifact.tensors["xxxxxx"].offset % 4 == 0
        assert not artifact.tensors["xxxxxx"].read().flags.owndata


def test_a_damaged_array_is_found_by_its_checksum(tmp_path):
    file = tmp_path / "weights.npz"
    np.savez(file, x=np.arange(6, dtype="<f4"))
    with open_artifact(file) as artifact:
        offset = artifact.tensors["x"].offset
    data = bytearray(file.read_bytes())
    data[offset] ^= 1
    file.write_bytes(data)
    with open_artifact(file) as artifact, pytest.raises(CorruptFileError, match=r"x\.npy: is damaged"):
        artifact.extras["check"]()


def test_what_keras_writes_is_refused_with_a_way_out(tmp_path):
    """Its store saves one dict a layer, which numpy pickles; reading them back fails in Keras too."""
    np.savez(tmp_path / "weights.npz", **{"layers/dense/vars": {"0": np.ones(3)}})
    with pytest.raises(UnsafeContentError) as caught:
        open_artifact(tmp_path / "weights.npz")
    assert str(caught.value) == (
        f"{tmp_path}/weights.npz: layers/dense/vars.npy: is a pickle, which runs code when it is read\n"
        "  expected  an array of numbers\n"
        "  hint      Keras writes npz weights so, and cannot read them itself: save them as .weights.h5"
    )


def test_a_type_that_numpy_forgot_is_refused(tmp_path):
    np.savez(tmp_path / "weights.npz", x=np.ones(3, ml_dtypes.bfloat16))
    with pytest.raises(CorruptFileError, match=r"x\.npy: no tensor has such a type"):
        open_artifact(tmp_path / "weights.npz")


def test_a_real_file_is_read():
    with open_artifact(GOLDEN / "keras_3_15_1" / "expected.npz") as artifact, np.load(artifact.path) as arrays:
        assert artifact.format == "npz_weights"
        assert {t.path: t.read().tobytes() for t in artifact} == {name: arrays[name].tobytes() for name in arrays}


def test_an_archive_that_begins_with_an_array_is_still_an_archive(tmp_path):
    write_sample(tmp_path / "model.keras", assets={"table.npy": b"\x93NUMPY"})
    with zipfile.ZipFile(tmp_path / "model.keras") as old, zipfile.ZipFile(tmp_path / "other.keras", "w") as new:
        for name in reversed(old.namelist()):
            new.writestr(name, old.read(name))
    with open_artifact(tmp_path / "other.keras") as artifact:
        assert (artifact.format, list(artifact.assets)) == ("keras_archive", ["table.npy"])


def test_an_archive_of_arrays_and_other_files_is_no_npz(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("x.npy", b"")
        archive.writestr("README", b"")
    with pytest.raises(UnknownFormatError, match="a zip archive, but not one of Keras"):
        open_artifact(tmp_path / "data.zip")


def test_names_of_tensorflow_are_names(tmp_path):
    np.savez(tmp_path / "weights.npz", **{"kernel:0": np.ones(2), "dense/bias:0": np.ones(2)})
    with open_artifact(tmp_path / "weights.npz") as artifact:
        assert set(artifact.tensors) == {"kernel:0", "dense/bias:0"}


def test_the_checksum_of_an_array_follows_from_that_of_the_archive(tmp_path):
    np.savez(tmp_path / "weights.npz", **ARRAYS)
    with open_artifact(tmp_path / "weights.npz") as artifact:
        checksums = artifact.extras["checksums"]
        assert {path: artifact.tensors[path].checksum() for path in checksums} == checksums
        assert set(ARRAYS) - set(checksums) == {"turned", "big_endian", "empty"}


def test_an_array_that_does_not_lie_as_in_memory_is_checked_when_it_is_read(tmp_path):
    file = tmp_path / "weights.npz"
    np.savez(file, x=ARRAYS["turned"])
    data = file.read_bytes()
    at = data.index(np.float64(1).tobytes())
    file.write_bytes(data[:at] + b"\x01" + data[at + 1 :])
    with open_artifact(file) as artifact, pytest.raises(CorruptFileError, match=r"x\.npy: is damaged"):
        artifact.tensors["x"].read()
