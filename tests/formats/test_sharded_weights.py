"""An index and its shards: what is written is read, and what does not fit together is refused."""

import json
import os
import shutil

import h5py
import numpy as np
import pytest

from kept.errors import (
    CorruptFileError,
    LimitExceededError,
    SerializationError,
    UnknownFormatError,
    UnsafeContentError,
)
from kept.formats import sharded_weights
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.samples import ARRAYS, NAMES, new_tensors

SHARD_NBYTES = 330_000
FLOATS = {f"layers/{name}/vars/{key}": np.full(100, key, "float32") for name in "abc" for key in (0, 1)}


def record(written):
    return {"format": 1, "tensors": {path: one.to_dict() for path, one in written.tensors.items()}}


def write(index, arrays=ARRAYS, nbytes=SHARD_NBYTES, names=NAMES):
    return sharded_weights.write(str(index), new_tensors(arrays), names, record, shard_nbytes=nbytes)


@pytest.fixture
def index(tmp_path):
    """Six tensors of 400 bytes, in three groups and two shards."""
    write(tmp_path / "m.weights.json", FLOATS, 1600, {"layers/a/vars": {"name": "first"}})
    return tmp_path / "m.weights.json"


def shards(index):
    return sorted(path.name for path in index.parent.glob("*.h5"))


def change(index, edit):
    """Lets `edit` change the map of an index."""
    document = json.loads(index.read_text())
    edit(document["weight_map"])
    index.write_text(json.dumps(document))


def problems(index, error=CorruptFileError):
    with pytest.raises(error) as caught:
        open_artifact(index)
    return [(one.message, one.where, one.found) for one in caught.value.problems] or str(caught.value)


def test_every_kind_of_tensor_comes_back(tmp_path):
    written = write(tmp_path / "all.weights.json")
    with open_artifact(tmp_path / "all.weights.json") as artifact:
        assert artifact.format == "sharded_weights"
        assert {path: one.checksum() for path, one in artifact.tensors.items()} == {
            path: one.checksum for path, one in written.tensors.items()
        }
        assert artifact.attributes == NAMES
        assert artifact.extras["record"]["tensors"].keys() == ARRAYS.keys()


def test_tensors_of_every_shard_are_mapped(index):
    with open_artifact(index) as artifact:
        tensor = artifact.tensors["layers/c/vars/1"]
        assert artifact.extras["shards"] == ["m_00000.weights.h5", "m_00001.weights.h5"]
        assert (tensor.read().base is not None, tensor.read().flags.writeable) == (True, False)
    assert tensor.read().tolist() == [1.0] * 100


def test_the_index_is_that_of_keras(index):
    document = json.loads(index.read_text())
    assert document["metadata"] == {"total_size": 2400}
    assert document["weight_map"] == {
        "/layers/a/vars": "m_00000.weights.h5",
        "/layers/b/vars": "m_00000.weights.h5",
        "/layers/c/vars": "m_00001.weights.h5",
    }


def test_a_group_is_divided_only_when_it_is_larger_than_a_shard(tmp_path):
    write(tmp_path / "m.weights.json", FLOATS, 1100)
    assert len(shards(tmp_path / "m.weights.json")) == 3
    write(tmp_path / "n.weights.json", FLOATS, 500)
    divided = json.loads((tmp_path / "n.weights.json").read_text())["weight_map"]["/layers/b/vars"]
    assert divided == ["n_00002.weights.h5", "n_00003.weights.h5"]


def test_no_shard_holds_more_than_it_may(tmp_path):
    for most in (400, 700, 1300, 10_000):
        path = tmp_path / f"m{most}.weights.json"
        write(path, FLOATS, most)
        for shard in path.parent.glob(f"m{most}_*.h5"):
            with open_artifact(shard) as artifact:
                assert sum(one.nbytes for one in artifact) <= most


def test_the_same_tensors_give_the_same_bytes(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        write(tmp_path / name / "m.weights.json")
    assert [path.read_bytes() for path in sorted((tmp_path / "a").iterdir())] == [
        path.read_bytes() for path in sorted((tmp_path / "b").iterdir())
    ]


def test_a_tensor_is_read_when_its_turn_has_come_and_once(tmp_path):
    asked = []

    def tensor(path):
        return NewTensor((100,), "float32", lambda: asked.append(path) or FLOATS[path])

    sharded_weights.write(
        str(tmp_path / "m.weights.json"), {path: tensor(path) for path in FLOATS}, {}, record, shard_nbytes=400
    )
    assert asked == list(FLOATS)


def test_tensors_larger_than_a_shard_are_named_with_the_size_that_would_do(tmp_path):
    with pytest.raises(SerializationError) as caught:
        write(tmp_path / "m.weights.json", FLOATS | {"vars/0": np.zeros(2**20, "uint8")}, 300)
    assert len(caught.value.problems) == 7
    assert caught.value.hint == "max_shard_size=0.000976563 (in GB), or more"
    assert os.listdir(tmp_path) == []


def test_a_model_without_weights_has_an_index_too(tmp_path):
    write(tmp_path / "m.weights.json", {}, 100, {})
    with open_artifact(tmp_path / "m.weights.json") as artifact:
        assert artifact.tensors == {}
        assert artifact.extras["shards"] == ["m_00000.weights.h5"]


def test_shards_under_other_names_are_found_and_keras_is_told_of_the_first(index):
    names = {"m_00000.weights.h5": "m_00007.weights.h5", "m_00001.weights.h5": "m_00008.weights.h5"}
    for name, new in names.items():
        os.rename(index.with_name(name), index.with_name(new))
    index.write_bytes(sharded_weights.renamed(index.read_bytes(), str(index), names))
    sharded_weights.stand_in(str(index.with_name("m_00000.weights.h5")), str(index))
    with open_artifact(index) as artifact:
        assert artifact.tensors["layers/b/vars/1"].read()[0] == 1
    assert json.loads(index.read_text())["weight_map"]["/_kept/empty"] == "m_00000.weights.h5"
    assert sharded_weights.named_shards(str(index)) == set(names.values())


def test_a_folder_whose_weights_are_shards_is_opened(index):
    (index.parent / "hub").mkdir()
    hub = index.parent / "hub"
    for name in shards(index):
        shutil.move(index.with_name(name), hub / name)
    shutil.move(index, hub / "model.weights.json")
    for name in ("config.json", "metadata.json", "README.md"):
        (hub / name).write_text("{}")
    with open_artifact(hub) as artifact:
        assert (artifact.format, len(artifact.tensors)) == ("keras_directory", 6)
        assert (list(artifact.extras["others"]), artifact.extras["strange"]) == (["README.md"], [])


# What does not fit together


def test_a_missing_shard_is_named(index):
    index.with_name("m_00001.weights.h5").unlink()
    assert problems(index) == (
        f"{index}: m_00001.weights.h5: a shard is missing\n"
        "  hint      an index and all of its shards belong into one folder"
    )


def test_a_shard_that_is_no_hdf5_file_is_named(index):
    shard = index.with_name("m_00001.weights.h5")
    shard.write_bytes(b"x" * 1000)
    assert problems(index).startswith(f"{shard}: ")


@pytest.mark.timeout(20)
def test_a_pipe_in_place_of_a_shard_is_not_waited_for(index):
    shard = index.with_name("m_00001.weights.h5")
    shard.unlink()
    os.mkfifo(shard)
    with pytest.raises(UnsafeContentError, match=r"m_00001\.weights\.h5: is no file and no folder"):
        open_artifact(index)


def test_a_group_that_is_in_none_of_its_shards_is_named(index):
    change(index, lambda groups: groups.update({"/layers/d/vars": "m_00001.weights.h5"}))
    found = ("the shard has no tensor of this group", "/layers/d/vars", "nothing in m_00001.weights.h5")
    assert problems(index) == [found]


def test_a_tensor_that_the_index_does_not_name_is_named(index):
    with h5py.File(index.with_name("m_00001.weights.h5"), "a") as store:
        store["layers/hidden/vars/0"] = [1.0]
    found = ("a tensor that the index does not name", "layers/hidden/vars/0", "in m_00001.weights.h5")
    assert problems(index) == [found]


def test_a_tensor_in_two_shards_is_named(index):
    with h5py.File(index.with_name("m_00001.weights.h5"), "a") as store:
        store["layers/a/vars/0"] = [1.0]
    found = ("a tensor that stands in two shards", "layers/a/vars/0", "in m_00001.weights.h5 too")
    assert problems(index) == [found]


@pytest.mark.parametrize("name", ["../m.weights.h5", "/etc/passwd", "sub/m.h5", "..", "", "a\\b.h5", "C:m.h5", "x\0"])
def test_a_shard_outside_the_folder_is_refused(index, name):
    change(index, lambda groups: groups.update({"/layers/a/vars": name}))
    assert "a shard outside the folder of its index" in problems(index, UnsafeContentError)


@pytest.mark.parametrize("told", [[], 3, None, {"a": 1}, ["m_00000.weights.h5", 3]])
def test_what_names_no_shard_is_refused(index, told):
    change(index, lambda groups: groups.update({"/layers/a/vars": told}))
    assert "/layers/a/vars: this names no shard" in problems(index)


def test_a_map_of_another_kind_is_refused(index):
    index.write_text('{"weight_map": []}')
    assert "weight_map: not an index of shards" in problems(index)


def test_an_index_cut_anywhere_is_refused(index):
    content = index.read_bytes()
    for count in range(1, len(content), 7):
        index.write_bytes(content[:count])
        with pytest.raises((CorruptFileError, UnknownFormatError)):
            open_artifact(index)


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [
        (Limits(json_bytes=100), "JSON document is too large"),
        (Limits(json_depth=1), "JSON document is nested too deep"),
        (Limits(member_count=1), "too many shards"),
        (Limits(tensor_count=5), "too many tensors"),
    ],
)
def test_more_than_the_limits_allow_is_refused(index, limits, verdict):
    with pytest.raises(LimitExceededError, match=verdict):
        open_artifact(index, limits)


def test_the_index_of_another_library_is_told_by_its_shards(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (tmp_path / "i.json").write_text('{"metadata": {}, "weight_map": {"a": "model.safetensors"}}')
    with pytest.raises(CorruptFileError, match=r"model\.safetensors"):
        open_artifact(tmp_path / "i.json")


def test_json_that_is_no_index_is_not_recognised(tmp_path):
    (tmp_path / "config.json").write_text('{"class_name": "Sequential"}')
    with pytest.raises(UnknownFormatError):
        open_artifact(tmp_path / "config.json")


# Whose a shard is


def test_only_names_that_keras_would_give_are_taken_for_shards(index):
    change(
        index, lambda groups: groups.update({"/x": "precious.h5", "/y": "m_1.weights.h5", "/z": "mm_00000.weights.h5"})
    )
    assert sharded_weights.named_shards(str(index)) == {"m_00000.weights.h5", "m_00001.weights.h5"}


def test_no_index_and_no_json_name_nothing(tmp_path):
    (tmp_path / "other.weights.json").write_text("{")
    assert sharded_weights.named_shards(str(tmp_path / "none.weights.json")) == set()
    assert sharded_weights.named_shards(str(tmp_path / "other.weights.json")) == set()


def test_a_shard_says_whose_it_is(index, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as store:
        store["vars/0"] = [1.0]
    (tmp_path / "none.h5").write_text("x")
    owners = [sharded_weights.owner_of(str(tmp_path / name)) for name in ("m_00001.weights.h5", "other.h5", "none.h5")]
    assert owners == ["m.weights.json", "", None]
