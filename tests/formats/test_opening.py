"""What is opened as what, whatever it is called."""

import os
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from kept.errors import CorruptFileError, KeptError, UnknownFormatError
from kept.formats.base import formats, open_artifact
from tests.formats.samples import GOLDEN, small_archive, write_sample

STOCK = GOLDEN / "keras_3_15_1"


def test_formats_are_found_by_looking():
    files = {"architecture_json", "keras_archive", "legacy_h5", "npz_weights", "safetensors", "sharded_weights"}
    folders = {"keras_directory", "orbax", "saved_model", "tensorflow_checkpoint"}
    refused = {"pickled"}
    assert set(formats()) == files | folders | refused | {"weights_h5"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("trained.keras", "keras_archive"), ("trained.weights.h5", "weights_h5"), ("legacy.h5", "legacy_h5")],
)
def test_the_name_of_a_file_does_not_matter(tmp_path, name, expected):
    shutil.copy(STOCK / name, tmp_path / "model.bin")
    with open_artifact(tmp_path / "model.bin") as artifact:
        assert artifact.format == expected


def test_an_unpacked_archive_is_opened(tmp_path):
    with zipfile.ZipFile(STOCK / "vocabulary.keras") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "README.md").write_text("# words")
    with open_artifact(tmp_path) as artifact, open_artifact(STOCK / "vocabulary.keras") as packed:
        assert (artifact.format, list(artifact.extras["others"])) == ("keras_directory", ["README.md"])
        assert (artifact.config, list(artifact.assets)) == (packed.config, list(packed.assets))
        assert [t.checksum() for t in artifact] == [t.checksum() for t in packed]


def test_the_whole_model_inside_a_saved_model_is_found(tmp_path):
    shutil.copytree(STOCK / "saved_model", tmp_path / "served")
    (tmp_path / "served" / "assets.extra").mkdir()
    inside = small_archive(tmp_path / "served" / "assets.extra" / "model.keras")
    with open_artifact(tmp_path / "served") as artifact:
        assert artifact.extras["keras_archive"] == inside


def test_a_saved_model_without_its_variables_is_refused(tmp_path):
    shutil.copytree(STOCK / "saved_model", tmp_path / "served")
    (tmp_path / "served" / "variables" / "variables.index").unlink()
    with pytest.raises(CorruptFileError, match=r"variables/variables\.index: a part of the folder is missing"):
        open_artifact(tmp_path / "served")


def test_nothing_there(tmp_path):
    with pytest.raises(UnknownFormatError) as caught:
        open_artifact(tmp_path / "model.keras")
    assert str(caught.value) == f"{tmp_path}/model.keras: no such file or folder"


def test_an_empty_file_says_what_may_have_left_it(tmp_path):
    (tmp_path / "model.keras").touch()
    with pytest.raises(CorruptFileError) as caught:
        open_artifact(tmp_path / "model.keras")
    assert str(caught.value) == (
        f"{tmp_path}/model.keras: the file is empty\n"
        "  hint      a save that failed leaves such a file; look for an older copy"
    )


def test_a_file_of_another_kind_is_described(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UnknownFormatError) as caught:
        open_artifact(tmp_path / "notes.txt")
    assert str(caught.value) == (
        f"{tmp_path}/notes.txt: no format recognises it\n"
        "  expected  a .keras archive, an .h5, .npz, .safetensors or .json file, or the folder of a model\n"
        "  found     a file that begins with b'hello'"
    )


def test_a_folder_of_another_kind_is_described(tmp_path):
    for name in "fedcba":
        (tmp_path / name).touch()
    with pytest.raises(UnknownFormatError, match=r"a folder of a, b, c, d, e, \.\.\."):
        open_artifact(tmp_path)


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnknownFormatError, match="is neither a file nor a folder"):
        open_artifact(tmp_path / "pipe")


def test_an_empty_hdf5_file_holds_no_model(tmp_path):
    h5py.File(tmp_path / "empty.h5", "w").close()
    with pytest.raises(UnknownFormatError, match="an HDF5 file, but an empty one"):
        open_artifact(tmp_path / "empty.h5")


def test_compressed_and_big_endian_tensors_of_other_writers_are_read(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as store:
        store.create_dataset("packed", data=range(1000), compression="gzip", shuffle=True, fletcher32=True)
        store.create_dataset("swapped", data=[1, 2, 3], dtype=">i4")
        store.create_dataset("text", data="a word")
    with open_artifact(tmp_path / "other.h5") as artifact:
        assert artifact.tensors["packed"].read().tolist() == list(range(1000))
        assert artifact.tensors["swapped"].read().dtype.str == "<i4"
        assert (artifact.tensors["text"].dtype, artifact.tensors["text"].read()) == ("string", b"a word")


def test_floats_that_numpy_has_not_are_converted_not_mapped(tmp_path):
    """A float of 16 bits laid out as bfloat16 is."""
    brain = h5py.h5t.IEEE_F32LE.copy()
    brain.set_fields(15, 7, 8, 0, 7)
    brain.set_size(2)
    brain.set_ebias(127)
    with h5py.File(tmp_path / "other.h5", "w") as store:
        dataset = h5py.h5d.create(store.id, b"x", brain, h5py.h5s.create_simple((2,)))
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1.5, -2.0], "float32"))
    with open_artifact(tmp_path / "other.h5") as artifact:
        assert artifact.tensors["x"].read().tolist() == [1.5, -2.0]


def test_a_tensor_that_is_not_mapped_cannot_be_read_after_closing(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as store:
        store.create_dataset("packed", data=range(1000), compression="gzip")
    with open_artifact(tmp_path / "other.h5") as artifact:
        tensor = artifact.tensors["packed"]
    with pytest.raises(KeptError, match="the file was closed before this tensor was read"):
        tensor.read()


def test_closing_twice_is_nothing(tmp_path):
    write_sample(tmp_path / "model.keras")
    artifact = open_artifact(tmp_path / "model.keras")
    artifact.close()
    artifact.close()
    assert artifact.config == {"class_name": "Sample"}
