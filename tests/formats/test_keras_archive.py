import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from kept.errors import CorruptFileError, SerializationError, UnknownFormatError, UnsupportedVersionError, WriteError
from kept.formats import keras_archive
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
from kept.formats.source import Source
from kept.formats.zip_layout import Member, central_record, end_records, local_header, read_directory
from kept.limits import DEFAULT_LIMITS
from tests.formats.samples import ARRAYS, NAMES, new_tensors, small_archive, write_sample

ROOT = Path(__file__).parents[2]
DATE = (1980, 1, 1, 0, 0, 0)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.keras"


@pytest.mark.parametrize("path", ARRAYS)
def test_every_kind_of_array_comes_back_bit_for_bit(file, path):
    write_sample(file)
    with open_artifact(file) as artifact:
        found = artifact.tensors[path].read()
    expected = ARRAYS[path].astype(ARRAYS[path].dtype.newbyteorder("<"))
    assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_everything_else_comes_back(file):
    write_sample(file)
    with open_artifact(file) as artifact:
        assert artifact.config == {"class_name": "Sample"}
        assert artifact.metadata["keras_version"] == "3.15.1"
        assert artifact.assets["words/vocabulary.txt"].read() == b"un\ndeux\n"
        assert artifact.attributes == NAMES


def test_the_record_says_where_every_tensor_lies_and_what_it_holds(file):
    written = write_sample(file)
    with open_artifact(file) as artifact:
        for path, tensor in written.tensors.items():
            found = artifact.tensors[path]
            assert (found.offset, found.checksum()) == (tensor.offset, tensor.checksum)


def test_tensors_lie_in_the_file_as_they_are(file):
    written = write_sample(file)
    tensor = written.tensors["layers/dense/vars/0"]
    found = np.frombuffer(file.read_bytes(), "<f4", 12, tensor.offset)
    assert found.tolist() == list(range(12))


def test_large_tensors_start_where_a_mapped_array_may(file):
    written = write_sample(file)
    assert written.tensors["layers/turned/vars/0"].offset % 64 == 0


def test_it_is_a_clean_zip_of_four_members_all_stored(file):
    write_sample(file)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = ["model.weights.h5", "config.json", "metadata.json", "assets/words/vocabulary.txt"]
        assert archive.namelist() == names
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_without_assets_it_has_three_members(file):
    with zipfile.ZipFile(small_archive(file)) as archive:
        assert len(archive.namelist()) == 3


def test_hdf5_opens_the_archive_and_its_weights_member_alike(file):
    write_sample(file)
    member = io.BytesIO(zipfile.ZipFile(file).read("model.weights.h5"))
    with h5py.File(file) as whole, h5py.File(member) as alone:
        assert whole.userblock_size == 512
        assert dict(whole["layers/dense/vars"].attrs) == dict(alone["layers/dense/vars"].attrs) == {"name": "dënse"}
        for path in set(ARRAYS) - {"layers/empty/vars/0"}:
            assert (
                whole[path][()].tobytes()
                == alone[path][()].tobytes()
                == np.ascontiguousarray(ARRAYS[path].astype(ARRAYS[path].dtype.newbyteorder("<"))).tobytes()
            )


def test_bfloat16_is_stored_as_stock_keras_stores_it(file):
    write_sample(file)
    with h5py.File(file) as store:
        dataset = store["layers/half/vars/kernel"]
        assert (dataset.dtype.str, dataset.attrs["dtype"]) == ("|V2", "bfloat16")


def test_the_weights_checksum_is_that_of_the_member(file):
    written = write_sample(file)
    info = zipfile.ZipFile(file).getinfo("model.weights.h5")
    assert (written.weights_crc, written.weights_nbytes) == (info.CRC, info.file_size)


def test_the_same_content_gives_the_same_bytes(tmp_path):
    digests = set()
    for name in ("a", "b"):
        write_sample(tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("epoch", "date"),
    [("", (1980, 1, 1, 0, 0, 0)), ("1700000000", (2023, 11, 14, 22, 13, 20)), ("0", (1980, 1, 1, 0, 0, 0))],
)
def test_dates_are_those_of_source_date_epoch(file, monkeypatch, epoch, date):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with zipfile.ZipFile(small_archive(file)) as archive:
        assert {info.date_time for info in archive.infolist()} == {date}


def test_a_new_tail_leaves_the_weights_byte_for_byte(file):
    written = write_sample(file)
    weights = file.read_bytes()[: 512 + written.weights_nbytes]
    keras_archive.rewrite_tail(str(file), config={"a": "b" * 9999}, metadata={}, assets={"new": b"1"})
    assert file.read_bytes()[: len(weights)] == weights
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[1:] == ["config.json", "metadata.json", "assets/new"]


def test_a_shorter_tail_leaves_nothing_behind(file):
    write_sample(file, config={"long": "x" * 100_000})
    keras_archive.rewrite_tail(str(file), config={}, metadata={})
    with open_artifact(file) as artifact:
        assert artifact.assets["words/vocabulary.txt"].read() == b"un\ndeux\n"
    assert file.stat().st_size < 500_000


def test_arrays_outlive_the_artifact_and_are_read_only(file):
    write_sample(file)
    with open_artifact(file) as artifact:
        array = artifact.tensors["layers/turned/vars/0"].read()
    file.unlink()
    assert array[1, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_an_unnamed_file_can_be_written(tmp_path):
    fd = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR, 0o600)
    write_sample(f"/proc/self/fd/{fd}")
    os.link(f"/proc/self/fd/{fd}", tmp_path / "named.keras", src_dir_fd=0, follow_symlinks=True)
    os.close(fd)
    with open_artifact(tmp_path / "named.keras") as artifact:
        assert artifact.tensors["vars/0"].read() == 7


def test_an_asset_is_copied_from_a_file(file, tmp_path):
    (tmp_path / "words").write_bytes(b"x" * 3_000_000)
    write_sample(file, assets={"words": tmp_path / "words"})
    with open_artifact(file) as artifact:
        assert artifact.assets["words"].read() == b"x" * 3_000_000


def test_ten_thousand_tensors_are_written_and_read(file):
    arrays = {f"layers/dense_{index // 2}/vars/{index % 2}": np.full(8, index, "float32") for index in range(10_000)}
    write_sample(file, tensors=new_tensors(arrays))
    with open_artifact(file) as artifact:
        assert all(artifact.tensors[path].read()[0] == array[0] for path, array in arrays.items())


def test_a_flipped_bit_in_the_weights_is_found_when_asked_for(file):
    written = write_sample(file)
    data = bytearray(file.read_bytes())
    data[written.tensors["layers/turned/vars/0"].offset + 100] ^= 1
    file.write_bytes(data)
    with open_artifact(file) as artifact:
        with pytest.raises(CorruptFileError, match=r"model\.weights\.h5: is damaged: its checksum is wrong"):
            artifact.extras["check"]()
        assert artifact.tensors["layers/turned/vars/0"].checksum() != written.tensors["layers/turned/vars/0"].checksum


def test_text_cannot_be_a_tensor(file):
    with pytest.raises(SerializationError) as caught:
        write_sample(file, tensors={"vars/0": NewTensor.of(np.array(["text"], object))})
    assert str(caught.value) == (
        "vars/0: no tensor can have the type 'object'\n"
        "  expected  bool, integers, floats, complex, or a type of ml_dtypes\n"
        "  hint      keep text and objects in the config or in assets"
    )


def test_a_tensor_that_changes_while_it_is_saved_is_refused(file):
    with pytest.raises(SerializationError) as caught:
        write_sample(file, tensors={"vars/0": NewTensor((2,), "float32", lambda: np.zeros(3, "float32"))})
    assert str(caught.value) == (
        "vars/0: a tensor changed while it was being saved\n  expected  float32 (2,)\n  found     float32 (3,)"
    )


@pytest.mark.parametrize("path", ["", "a//0", "a/./0", "a/", "a\0b"])
def test_an_inner_path_with_an_empty_part_is_refused(file, path):
    with pytest.raises(SerializationError, match="an inner path has an empty part"):
        write_sample(file, tensors=new_tensors({path: np.zeros(1)}))


def test_one_path_cannot_be_a_group_and_a_tensor(file):
    with pytest.raises(SerializationError, match="a: HDF5 cannot hold it under this path"):
        write_sample(file, tensors=new_tensors({"a": np.zeros(1), "a/0": np.zeros(1)}))


def test_a_config_that_json_cannot_hold_is_refused(file):
    with pytest.raises(SerializationError) as caught:
        write_sample(file, config={"x": {1}})
    assert str(caught.value) == (
        "config.json: JSON cannot hold it\n  found     Object of type set is not JSON serializable"
    )


@pytest.mark.parametrize("name", ["../x", "/x", "a\\b", "a//b"])
def test_an_asset_cannot_leave_its_folder(file, name):
    with pytest.raises(SerializationError, match="an asset's name leads out of its folder"):
        write_sample(file, assets={name: b""})


def test_an_asset_is_no_folder_of_another(file):
    with pytest.raises(SerializationError, match="assets/words/a: an asset is in a folder that is a file"):
        write_sample(file, assets={"words": b"", "words/a": b""})


def test_a_missing_folder_is_a_write_error(tmp_path):
    with pytest.raises(WriteError, match="the folder does not exist"):
        write_sample(tmp_path / "missing" / "model.keras")


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from kept.errors import WriteError
from tests.formats.samples import new_tensors, write_sample
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    write_sample(Path(sys.argv[1]), tensors=new_tensors({"vars/0": np.zeros(100_000)}))
except WriteError as error:
    print(error.message)
"""


@pytest.mark.parametrize("limit", [0, 100, 600, 5000, 800_000, 802_500])
def test_a_full_disk_is_a_write_error_and_a_clean_exit(file, limit):
    command = [sys.executable, "-c", LIMITED, str(file), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the file would exceed the limit on file size\n", "")


def test_five_gigabytes_of_weights_are_a_zip_like_any_other(file):
    """A sparse file: nothing of that size is written."""
    directory = Member("model.weights.h5", 0, 512, 5 << 30, 5 << 30, 0, 0)
    with file.open("wb") as made:
        made.write(local_header(directory.name, 0, directory.nbytes, DATE, until=512))
        made.seek(512 + directory.nbytes)
        made.write(central_record(directory, DATE))
        made.write(end_records(1, 512 + directory.nbytes, len(central_record(directory, DATE))))
    with Source(file) as source, zipfile.ZipFile(file) as archive:
        assert read_directory(source, DEFAULT_LIMITS) == {directory.name: directory}
        assert archive.getinfo(directory.name).file_size == 5 << 30
        assert archive.open(directory.name).read(4) == bytes(4)


def test_a_newer_format_is_refused_with_what_to_do(file):
    write_sample(file, metadata=lambda written: {"kept": {"format": 2}})
    with pytest.raises(UnsupportedVersionError) as caught:
        open_artifact(file)
    assert str(caught.value) == (
        f"{file}: metadata.json: the kept record has a format this version cannot read\n"
        "  expected  format 1 or older\n  found     2\n  hint      pip install --upgrade kept"
    )


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_missing_member_is_named(file, name):
    members = {"config.json": "{}", "metadata.json": "{}", "model.weights.h5": ""}
    with zipfile.ZipFile(file, "w") as archive:
        for other in set(members) - {name}:
            archive.writestr(other, members[other])
    with pytest.raises(CorruptFileError, match=f"{name}: the archive lacks this member"):
        open_artifact(file)


def test_another_zip_is_not_a_model(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "")
    with pytest.raises(UnknownFormatError, match="a zip archive, but not one of Keras"):
        open_artifact(file)


def test_a_compressed_archive_is_read(file, tmp_path):
    written = write_sample(tmp_path / "stored.keras")
    with zipfile.ZipFile(tmp_path / "stored.keras") as stored, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in stored.namelist():
            made.writestr(name, stored.read(name))
    with open_artifact(file) as artifact:
        assert {path: artifact.tensors[path].checksum() for path in ARRAYS} == {
            path: tensor.checksum for path, tensor in written.tensors.items()
        }
