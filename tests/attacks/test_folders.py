"""Folders with links, pipes and devices where files should be. Nothing may be waited for, or read from elsewhere."""

import os
import shutil

import pytest

from kept.errors import CorruptFileError, LimitExceededError, UnknownFormatError, UnsafeContentError
from kept.formats import keras_directory
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.samples import ARRAYS, new_tensors, record

pytestmark = pytest.mark.timeout(20)
PARTS = ["config.json", "metadata.json", "model.weights.h5"]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "model"
    made.mkdir()
    (tmp_path / "words.txt").write_text("a\nb\n")
    assets = {"words.txt": tmp_path / "words.txt"}
    config = {"class_name": "Model"}
    keras_directory.write(str(made), config=config, tensors=new_tensors(ARRAYS), metadata=record, assets=assets)
    return made


@pytest.mark.parametrize("name", PARTS)
def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path, name):
    shutil.move(folder / name, tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    with pytest.raises(UnsafeContentError, match=f"{name}: is a link that leads out of the folder"):
        open_artifact(folder)


@pytest.mark.parametrize("name", PARTS)
def test_nobody_waits_for_a_pipe(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(UnsafeContentError, match=f"{name}: is no file and no folder"):
        open_artifact(folder)


@pytest.mark.parametrize("name", PARTS)
def test_a_device_is_not_read(folder, name):
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(UnsafeContentError, match="leads out of the folder"):
        open_artifact(folder)


def test_an_asset_that_is_a_link_is_not_followed(folder):
    (folder / "assets" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(UnsafeContentError, match="assets/passwd: is a link that leads out of the folder"):
        open_artifact(folder)


def test_an_asset_that_is_a_pipe_is_refused(folder):
    os.mkfifo(folder / "assets" / "pipe")
    with pytest.raises(UnsafeContentError, match="assets/pipe: is no file and no folder"):
        open_artifact(folder)


@pytest.mark.parametrize("name", ["assets", "assets/more"])
def test_a_link_to_a_folder_is_not_followed(folder, tmp_path, name):
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / name).symlink_to(tmp_path)
    with pytest.raises(UnsafeContentError, match=f"{name}: is a link"):
        open_artifact(folder)


def test_a_link_to_itself_is_damage(folder):
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("config.json")
    with pytest.raises(CorruptFileError, match="cannot be read"):
        open_artifact(folder)


def test_a_link_inside_the_folder_is_an_ordinary_file(folder):
    (folder / "config.json").rename(folder / "config-1.json")
    (folder / "config.json").symlink_to("config-1.json")
    with open_artifact(folder) as artifact:
        assert artifact.config == {"class_name": "Model"}


@pytest.mark.parametrize("inner", ["", "classifier"])
def test_a_folder_as_model_hubs_keep_it_is_opened(folder, tmp_path, inner):
    snapshot, blobs = tmp_path / "snapshots" / ("a" * 40) / inner, tmp_path / "blobs"
    snapshot.parent.mkdir(parents=True)
    blobs.mkdir()
    shutil.move(folder, snapshot)
    for number, name in enumerate(PARTS):
        shutil.move(snapshot / name, blobs / f"{number:040}")
        (snapshot / name).symlink_to(blobs / f"{number:040}")
    with open_artifact(snapshot) as artifact:
        assert artifact.assets["words.txt"].beginning(2) == b"a\n"


def test_what_lies_beside_the_model_is_told_and_not_opened(folder):
    (folder / "out").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / "README.md").write_text("A model")
    with open_artifact(folder) as artifact:
        assert artifact.extras["strange"] == ["out", "pipe"]
        assert list(artifact.extras["others"]) == ["README.md"]


def test_folders_without_end_are_refused(folder):
    deep = folder / "assets"
    for _ in range(70):
        deep = deep / "d"
    deep.mkdir(parents=True)
    with pytest.raises(LimitExceededError, match="folders are nested too deep"):
        open_artifact(folder)


def test_a_crowd_of_assets_is_refused(folder):
    for number in range(30):
        (folder / "assets" / str(number)).write_text("")
    with pytest.raises(LimitExceededError, match="too many files"):
        open_artifact(folder, Limits(member_count=20))


def test_a_large_document_is_not_read_whole(folder):
    with (folder / "config.json").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(LimitExceededError, match="JSON document is too large"):
        open_artifact(folder, Limits(json_bytes=1 << 20))


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.json"])
def test_a_pipe_named_like_a_model_is_no_model(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(UnknownFormatError, match="is neither a file nor a folder"):
        open_artifact(tmp_path / name)
