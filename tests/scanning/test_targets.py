"""Which files of a folder are models."""

import json
import os
import zipfile

import pytest

from kept.errors import KeptError
from kept.scanning.targets import targets
from tests.attacks import configs


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def put(path, content=b""):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(content)


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a.hdf5", "a.weights.h5", "a.safetensors", "a.npz", "A.KERAS"])
def test_a_file_is_known_by_its_name(tree, name):
    put(f"deep/below/{name}")
    assert targets(["."]) == [f"deep/below/{name}"]


@pytest.mark.parametrize("name", ["notes.md", "script.py", "data.csv", "any.bin", "config.yaml"])
def test_other_files_are_none_of_it(tree, name):
    put(name, b"{}")
    assert targets(["."]) == []


def test_a_config_is_known_by_its_content(tree):
    put("config.json", json.dumps(configs.dense()).encode())
    put("package.json", b'{"name": "app"}')
    assert targets(["."]) == ["config.json"]


def test_an_archive_and_an_hdf5_file_are_known_by_their_content(tree):
    configs.archive("one", configs.dense())
    put("two.bin", b"\x89HDF\r\n\x1a\n rest")
    with zipfile.ZipFile("other.zip", "w") as archive:
        archive.writestr("a.txt", "")
    assert targets(["."]) == ["one", "two.bin"]


def test_the_folder_of_a_model_is_one_model(tree):
    for name in ("config.json", "metadata.json", "model.weights.h5", "assets/words.h5"):
        put(f"models/one/{name}")
    put("models/two/saved_model.pb")
    put("models/two/variables/variables.h5")
    assert targets(["."]) == ["models/one", "models/two"]


def test_a_folder_that_is_a_model_itself_is_one(tree):
    put("one/config.json")
    put("one/model.weights.h5")
    assert targets(["one"]) == ["one"]


def test_shards_are_judged_with_their_index(tree):
    for name in ("w.weights.json", "w_00000.weights.h5", "w_00001.weights.h5", "other.weights.h5"):
        put(name)
    assert targets(["."]) == ["other.weights.h5", "w.weights.json"]


def test_links_are_not_followed_out_of_the_tree(tree, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    put(str(outside / "a.keras"))
    os.mkdir("in")
    os.symlink(outside, "in/folder")
    os.symlink(outside / "a.keras", "in/file.keras")
    assert targets(["in"]) == []


def test_a_file_that_is_named_is_judged_whatever_it_is(tree):
    put("notes.md")
    assert targets(["notes.md"]) == ["notes.md"]


def test_nothing_is_judged_twice(tree):
    put("a.keras")
    assert targets(["a.keras", ".", "a.keras"]) == ["a.keras"]


def test_what_is_not_there_is_an_error(tree):
    with pytest.raises(KeptError) as caught:
        targets(["gone.keras"])
    assert str(caught.value) == (
        "gone.keras: cannot be scanned\n  expected  a file or a folder\n  found     No such file or directory"
    )


def test_a_checkpoint_of_tensorflow_is_judged_as_a_folder_or_by_its_index(tree):
    table = b"entries" + bytes.fromhex("57fb808b247547db")
    for name, content in {"checkpoint": b"", "model.index": table, "model.data-00000-of-00001": b"x"}.items():
        put(f"whole/{name}", content)
        put(f"apart/{name}" if name != "checkpoint" else "apart/notes", content)
    put("apart/book.index", b"no table")
    assert targets(["."]) == ["apart/model.index", "whole"]


def test_a_url_is_one_model(tree):
    assert targets(["s3://bucket/models", "s3://bucket/models"]) == ["s3://bucket/models"]
