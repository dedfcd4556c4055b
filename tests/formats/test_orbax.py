"""Checkpoints that Orbax and Keras wrote (`tests/golden/make_orbax.py`), and crafted ones."""

import builtins
import json
import os
import shutil

import numpy as np
import pytest

from kept.errors import (
    CorruptFileError,
    KeptError,
    LimitExceededError,
    MissingDependencyError,
    UnknownFormatError,
    UnsafeContentError,
    UnsupportedVersionError,
)
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.samples import GOLDEN
from tests.formats.zarr_arrays import leaf, write_arrays, write_tree

ORBAX = GOLDEN / "orbax_0_12"
FOLDERS = ("folders", "keras", "steps", "tree", "zarr3")
EXPECTED = np.load(ORBAX / "expected.npz")
KERNEL = np.arange(12, dtype="float32").reshape(3, 4)


@pytest.fixture
def tensorstore():
    return pytest.importorskip("tensorstore")


@pytest.fixture
def without_tensorstore(monkeypatch):
    """A process where `tensorstore` is not installed."""
    imported = builtins.__import__

    def refusing(name, *arguments, **more):
        if name == "tensorstore":
            raise ModuleNotFoundError(name)
        return imported(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_array_is_read_bit_for_bit(name, tensorstore):
    own = {key.partition(":")[2]: EXPECTED[key].tobytes() for key in EXPECTED if key.partition(":")[0] == name}
    with open_artifact(ORBAX / name) as artifact:
        assert artifact.format == "orbax"
        assert {tensor.path: tensor.read().tobytes() for tensor in artifact} == own


def test_types_and_shapes_are_those_of_the_arrays(tensorstore):
    with open_artifact(ORBAX / "tree") as artifact:
        assert {tensor.path: (tensor.dtype, tensor.shape) for tensor in artifact} == {
            "list/0": ("bool", (2,)),
            "list/1": ("int8", (3,)),
            "params/dense/bias": ("bfloat16", (4,)),
            "params/dense/kernel": ("float32", (3, 4)),
            "step": ("int64", ()),
        }


def test_a_folder_of_steps_is_opened_at_the_latest(tensorstore):
    with open_artifact(ORBAX / "steps") as artifact, open_artifact(ORBAX / "steps" / "9") as ninth:
        assert (artifact.extras["step"], artifact.tensors["state/step"].read().item()) == (10, 10)
        assert (ninth.extras["step"], ninth.tensors["state/step"].read().item()) == (None, 9)
        assert (artifact.extras["documents"], ninth.extras["documents"]) == (
            {"about": {"rate": 1.0}},
            {"about": {"rate": 0.9}},
        )


def test_texts_are_no_tensors(tensorstore):
    with open_artifact(ORBAX / "zarr3") as artifact:
        assert artifact.extras["texts"] == {"name": "un"}


def test_a_checkpoint_of_keras_has_the_config_of_its_model(tensorstore):
    with open_artifact(ORBAX / "keras") as artifact:
        assert (artifact.config["class_name"], artifact.config["config"]["name"]) == ("Sequential", "small")
        assert "pytree/trainable_variables/small/hidden/kernel" in artifact.tensors
        assert artifact.metadata["date_saved"].startswith("2026-")


def test_arrays_in_folders_are_listed_without_tensorstore(without_tensorstore):
    with open_artifact(ORBAX / "folders") as artifact:
        assert artifact.tensors["params/dense/bias"].dtype == "bfloat16"
        with pytest.raises(MissingDependencyError, match=r"pip install \"kept\[orbax\]\""):
            artifact.tensors["params/dense/bias"].read()


def test_arrays_in_a_database_ask_for_tensorstore(without_tensorstore):
    with pytest.raises(MissingDependencyError) as caught:
        open_artifact(ORBAX / "tree")
    assert str(caught.value) == (
        f"{ORBAX / 'tree'}: tensorstore is needed for the 5 arrays, which are in one OCDBT database\n"
        '  hint      pip install "kept[orbax]"'
    )


def test_an_unfinished_checkpoint_is_named_so(tmp_path):
    unfinished = tmp_path / "1.orbax-checkpoint-tmp"
    write_tree(unfinished, [])
    with pytest.raises(CorruptFileError, match="a checkpoint that was not finished"):
        open_artifact(unfinished)


def test_a_checkpoint_with_an_unfinished_item_is_named_so(tmp_path):
    (tmp_path / "_CHECKPOINT_METADATA").write_text("{}")
    (tmp_path / "state.orbax-checkpoint-tmp").mkdir()
    with pytest.raises(CorruptFileError, match="a checkpoint that was not finished"):
        open_artifact(tmp_path)


def test_a_folder_of_numbers_alone_is_no_checkpoint(tmp_path):
    (tmp_path / "1").mkdir()
    with pytest.raises(UnknownFormatError):
        open_artifact(tmp_path)


def test_data_that_are_missing_are_not_taken_for_zeros(tmp_path, tensorstore):
    shutil.copytree(ORBAX / "folders", tmp_path / "folders")
    (tmp_path / "folders" / "params.dense.kernel" / "0.0").unlink()
    with open_artifact(tmp_path / "folders") as artifact, pytest.raises(CorruptFileError, match="cannot read it"):
        artifact.tensors["params/dense/kernel"].read()


def test_files_may_be_links_as_the_caches_of_hubs_have_them(tmp_path, tensorstore):
    shutil.copytree(ORBAX / "tree", tmp_path / "blobs")
    for file in [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]:
        link = tmp_path / "snapshot" / file.relative_to(tmp_path / "blobs")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)
    with open_artifact(tmp_path / "snapshot") as artifact:
        assert artifact.tensors["step"].read().item() == 7


def test_a_folder_that_is_a_link_is_never_followed(tmp_path):
    write_tree(tmp_path / "tree", [])
    os.symlink("/etc", tmp_path / "tree" / "d")
    with pytest.raises(UnsafeContentError, match="d: holds what is no file or folder of its own"):
        open_artifact(tmp_path / "tree")


@pytest.mark.timeout(20)
def test_a_pipe_in_the_folder_is_not_waited_for(tmp_path):
    write_tree(tmp_path / "tree", [leaf(["a"])])
    os.mkfifo(tmp_path / "tree" / "manifest.ocdbt")
    with pytest.raises(UnsafeContentError, match=r"manifest\.ocdbt: holds what is no file"):
        open_artifact(tmp_path / "tree")


@pytest.mark.parametrize("keys", [["..", "x"], ["a/../../b"], [""]])
def test_a_key_that_leads_elsewhere_is_refused(tmp_path, keys):
    write_tree(tmp_path, [leaf(keys)], in_one=False)
    with pytest.raises(UnsafeContentError, match="a key that leads out of its folder"):
        open_artifact(tmp_path)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({}, "holds no tree"),
        ({"tree_metadata": {"x": 1}}, "not a leaf of the tree"),
        ({"tree_metadata": {"x": {"key_metadata": [{}], "value_metadata": {}}}}, "not a leaf of the tree"),
        ({"tree_metadata": {"x": leaf(["x"], "string")}}, "a text is missing"),
        ({"tree_metadata": {"x": leaf(["x"])}}, "manifest.ocdbt: a part of the checkpoint is missing"),
        ({"tree_metadata": {"x": leaf(["x"])}, "use_ocdbt": False}, "an array is missing"),
        ({"tree_metadata": {"x": leaf(["x"]), "y": leaf(["x"])}}, "two leaves of one path"),
    ],
)
def test_a_tree_that_is_none_is_refused(tmp_path, tree, said):
    (tmp_path / "_METADATA").write_text(json.dumps(tree))
    with pytest.raises(CorruptFileError) as caught:
        open_artifact(tmp_path)
    assert said in str(caught.value)


def test_a_leaf_of_the_future_is_refused(tmp_path):
    write_tree(tmp_path, [leaf(["x"], "Quaternion")])
    with pytest.raises(UnsupportedVersionError, match="a leaf of no known kind"):
        open_artifact(tmp_path)


def described(folder, **changes):
    """A tree of one array `x` whose metadata says anything."""
    write_tree(folder, [leaf(["x"])], in_one=False)
    (folder / "x").mkdir()
    sound = {"shape": [2], "chunks": [2], "dtype": "<f4", "zarr_format": 2}
    (folder / "x" / ".zarray").write_text(json.dumps(sound | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [1 << 40, 1 << 40]},
        {"shape": [1 << 20, 1 << 20]},
        {"chunks": [1 << 50]},
        {"shape": [-1]},
        {"shape": 3},
        {"dtype": "|O"},
        {"dtype": "evil"},
        {"dtype": [["a", "<f4"]]},
    ],
)
def test_what_an_array_claims_is_not_believed(tmp_path, changes):
    described(tmp_path, **changes)
    with pytest.raises(KeptError) as caught:
        open_artifact(tmp_path)
    assert caught.value.path.startswith(str(tmp_path))


def test_an_array_that_changes_its_shape_is_refused(tmp_path, tensorstore):
    write_arrays(tmp_path, {"x": KERNEL}, in_one=False)
    with open_artifact(tmp_path) as artifact:
        file = tmp_path / "x" / ".zarray"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"shape": [2, 4]}))
        with pytest.raises(CorruptFileError, match="changed while it was read"):
            artifact.tensors["x"].read()


def test_files_are_counted(tmp_path):
    write_tree(tmp_path, [])
    with pytest.raises(LimitExceededError, match="too many files"):
        open_artifact(tmp_path, Limits(member_count=0))


def test_reading_imports_neither_jax_nor_orbax(python, tensorstore):
    source = f"""
import sys
from kept.formats.base import open_artifact
with open_artifact({str(ORBAX / "keras")!r}) as artifact:
    print(sum(tensor.read().size for tensor in artifact))
print(sorted({{"jax", "jaxlib", "orbax", "keras", "tensorflow"}} & set(sys.modules)))
"""
    python.write("s.py", source)
    assert python("s.py").out == "67\n[]\n"
