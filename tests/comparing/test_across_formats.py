"""Files of one model in different formats: equal in what both have."""

import json
import zipfile

import h5py
import numpy as np
import pytest

import kept
from kept.errors import KeptError
from kept.formats import keras_directory, safetensors, weights_h5
from kept.formats.artifact import NewTensor
from tests.formats.samples import GOLDEN
from tests.inspecting.files import by_keras, layer, model

CONFIG = model(layer("InputLayer", "x", batch_shape=[None, 3]), layer("Dense", "stem", units=4), layer("Dense", "head"))
ARRAYS = {
    "layers/dense/vars/0": np.arange(12, dtype="float32").reshape(3, 4),
    "layers/dense/vars/1": np.ones(4, "float32"),
    "layers/dense_1/vars/0": np.arange(8, dtype="float32").reshape(4, 2),
    "optimizer/vars/0": np.array(7, "int64"),
}
NAMES = {"layers/dense/vars": {"name": "stem"}, "layers/dense_1/vars": {"name": "head"}}


def tensors(arrays):
    return {path: NewTensor.of(array) for path, array in arrays.items()}


def write_npz(path, arrays):
    np.savez(path, **arrays)


def write_safetensors(path, arrays):
    safetensors.write(str(path), tensors(arrays))


def write_h5(path, arrays):
    weights_h5.write(str(path), tensors=tensors(arrays), attributes=NAMES)


def write_legacy(path, arrays):
    """As Keras 2 has it: layers by name, weights by name and in order."""
    listed = {"stem": ["layers/dense/vars/0", "layers/dense/vars/1"], "head": ["layers/dense_1/vars/0"]}
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in listed]
        for name, paths in listed.items():
            group = file.create_group(name)
            names = [f"{name}/{kind}:0" for kind, _ in zip(("kernel", "bias"), paths, strict=False)]
            group.attrs["weight_names"] = [one.encode() for one in names]
            for one, path_ in zip(names, paths, strict=True):
                group[one] = arrays[path_]


WRITERS = {"w.npz": write_npz, "w.safetensors": write_safetensors, "w.weights.h5": write_h5, "old.h5": write_legacy}


@pytest.fixture
def whole(tmp_path):
    return by_keras(tmp_path / "whole.keras", config=CONFIG, tensors=tensors(ARRAYS), attributes=NAMES, assets={})


@pytest.mark.parametrize("name", WRITERS)
def test_a_model_equals_its_weights_in_any_format(whole, tmp_path, name):
    WRITERS[name](tmp_path / name, ARRAYS)
    found = kept.diff(whole, tmp_path / name)
    assert not found, str(found)
    assert found.tensor_count >= 3
    assert found.a.only[0] == "the config"


@pytest.mark.parametrize("first", WRITERS)
@pytest.mark.parametrize("second", WRITERS)
def test_weights_in_two_formats_are_equal(tmp_path, first, second):
    (tmp_path / "one").mkdir()
    WRITERS[first](tmp_path / "one" / first, ARRAYS)
    WRITERS[second](tmp_path / second, ARRAYS)
    found = kept.diff(tmp_path / "one" / first, tmp_path / second)
    assert not found, str(found)


@pytest.mark.parametrize("name", WRITERS)
def test_another_value_is_found_in_its_layer(whole, tmp_path, name):
    WRITERS[name](tmp_path / name, ARRAYS | {"layers/dense_1/vars/0": np.zeros((4, 2), "float32")})
    found = kept.diff(whole, tmp_path / name)
    (told,) = found.layers
    assert (told.path, told.class_name, told.tensors[0].deviation.largest) == ("head", "Dense", 7.0)


def test_an_archive_equals_its_folder(whole, tmp_path):
    with zipfile.ZipFile(whole) as archive:
        archive.extractall(tmp_path / "folder")
    found = kept.diff(whole, tmp_path / "folder")
    assert not found
    assert keras_directory.FORMAT.title == found.b.title


def test_tensors_under_other_paths_are_found_by_what_they_hold(tmp_path):
    write_safetensors(
        tmp_path / "a", {"encoder.weight": ARRAYS["layers/dense/vars/0"], "encoder.bias": np.ones(4, "float32")}
    )
    write_safetensors(
        tmp_path / "b", {"body.weight": ARRAYS["layers/dense/vars/0"], "encoder.bias": np.ones(4, "float32")}
    )
    found = kept.diff(tmp_path / "a", tmp_path / "b")
    assert [(one.what, one.a.path, one.b.path) for one in found.tensors] == [("path", "encoder.weight", "body.weight")]
    assert not kept.diff(tmp_path / "a", tmp_path / "b", ignore=["names"])


def test_a_config_alone_is_compared_with_that_of_a_model(whole, tmp_path):
    (tmp_path / "model.json").write_text(json.dumps(CONFIG))
    found = kept.diff(whole, tmp_path / "model.json")
    assert not found
    assert found.a.only == ("3 weights", "1 tensor of the optimizer")


@pytest.mark.parametrize("version", ["keras_3_10_0", "keras_3_15_1"])
@pytest.mark.parametrize("other", ["legacy.h5", "trained.weights.h5"])
def test_a_trained_model_has_the_weights_of_its_other_files(version, other):
    found = kept.diff(GOLDEN / version / "trained.keras", GOLDEN / version / other)
    assert (found.tensor_count, found.tensors, found.layers) == (22, (), ())


def test_what_has_nothing_in_common_is_refused(tmp_path):
    (tmp_path / "model.json").write_text(json.dumps(CONFIG))
    write_npz(tmp_path / "w.npz", ARRAYS)
    with pytest.raises(KeptError, match="nothing in the two files can be compared"):
        kept.diff(tmp_path / "model.json", tmp_path / "w.npz")
