"""SavedModels: those that TensorFlow and Keras 2 wrote (`tests/golden/make_tensorflow.py`), and crafted ones."""

import contextlib
import os

import numpy as np
import pytest

from kept.errors import CorruptFileError, KeptError, LimitExceededError, UnsafeContentError, UnsupportedVersionError
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.bundles import graph, message, pair, saved_model, shape, tensor_info, write_bundle
from tests.formats.samples import GOLDEN

TENSORFLOW = GOLDEN / "tensorflow_2_21"
FOLDERS = sorted(path.name for path in TENSORFLOW.iterdir() if path.is_dir())
EXPECTED = np.load(TENSORFLOW / "expected.npz")
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def content(tensor):
    array = tensor.read()
    return b"\n".join(array.ravel().tolist()) if array.dtype == object else array.tobytes()


@pytest.fixture
def folder(tmp_path):
    """Makes a SavedModel out of the bytes of `saved_model.pb`."""

    def make(data, arrays=None):
        made = tmp_path / "served"
        made.mkdir()
        (made / "saved_model.pb").write_bytes(data)
        if arrays:
            write_bundle(made / "variables" / "variables", arrays)
        return made

    return make


def opened(path, limits=None):
    with open_artifact(path, *([limits] if limits else [])) as artifact:
        return artifact


@pytest.mark.parametrize("name", FOLDERS)
def test_every_tensor_is_read_bit_for_bit(name):
    own = {key.partition(":")[2]: EXPECTED[key].tobytes() for key in EXPECTED if key.partition(":")[0] == name}
    with open_artifact(TENSORFLOW / name) as artifact:
        read = {tensor.path: content(tensor) for tensor in artifact}
    assert read == {key.removesuffix(VALUE): values for key, values in own.items()}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_checksum_of_tensorflow_holds(name):
    with open_artifact(TENSORFLOW / name) as artifact:
        artifact.extras["check"]()


def test_shapes_and_types_are_those_of_the_variables():
    found = {tensor.path: (tensor.dtype, tensor.shape) for tensor in opened(TENSORFLOW / "module")}
    assert found == {
        "empty": ("float32", (0, 4)),
        "half": ("bfloat16", (3,)),
        "inside/0": ("bool", ()),
        "inside/1/a.Sb..c": ("complex64", (1,)),
        "kernel": ("float32", (3, 4)),
        "quarter": ("float8_e5m2", (2,)),
        "step": ("int64", ()),
        "texts": ("string", (2, 2)),
    }


def test_a_variable_in_slices_and_two_files_is_one_tensor():
    with open_artifact(TENSORFLOW / "checkpoint") as artifact:
        assert artifact.tensors["cut"].read().tolist() == np.arange(20.0).reshape(5, 4).tolist()
        assert artifact.tensors["texts"].read().tolist() == [b"un", b"deux"]


def test_signatures_have_names_types_and_shapes():
    (graph,) = opened(TENSORFLOW / "module").extras["graphs"]
    signature = graph.signatures["serving_default"]
    told = {name: (spec.dtype, spec.shape) for name, spec in {**signature.inputs, **signature.outputs}.items()}
    assert (graph.tags, graph.tensorflow_version) == (("serve",), "2.21.0")
    assert told == {
        "x": ("float32", (None, 3)),
        "words": ("string", None),
        "y": ("float32", (None, 4)),
        "numbers": ("int64", None),
    }


def test_operations_are_counted_in_the_graph_and_in_its_functions():
    (graph,) = opened(TENSORFLOW / "module").extras["graphs"]
    assert graph.ops["HashTableV2"] == 1
    assert graph.function_ops["LookupTableFindV2"] == 1
    assert graph.function_ops["InitializeTableFromTextFileV2"] == 1
    assert not any(name.startswith("__inference") for name in {*graph.ops, *graph.function_ops})


def test_variables_have_the_names_that_tensorflow_gave_them():
    assert opened(TENSORFLOW / "module").extras["names"]["kernel"] == "kernel"
    assert opened(GOLDEN / "keras_3_15_1" / "saved_model").extras["names"]["variables/0"] == "hidden/kernel"


def test_assets_are_files_to_read():
    artifact = opened(TENSORFLOW / "module")
    assert {name: asset.read() for name, asset in artifact.assets.items()} == {"words.txt": b"un,1\ndeux,2\n"}
    assert artifact.extras["graphs"][0].assets == ("words.txt",)


@pytest.mark.parametrize("name", ["keras_2", "keras_2_4"])
def test_a_model_of_keras_2_has_its_config(name):
    artifact = opened(TENSORFLOW / name)
    layers = artifact.config["config"]["layers"]
    assert (artifact.config["class_name"], artifact.config["name"]) == ("Functional", "small")
    assert [one["class_name"] for one in layers] == ["InputLayer", "Dense", "Sequential"]
    assert artifact.metadata == {"keras_version": "2.21.0", "backend": "tensorflow"}
    assert artifact.extras["training_config"]["optimizer_config"]["class_name"].endswith("Adam")


@pytest.mark.parametrize("name", ["keras_2", "keras_2_4"])
def test_layers_of_keras_2_have_their_tensors_wherever_the_checkpoint_keeps_them(name):
    model = opened(TENSORFLOW / name).extras["objects"]
    assert [one.config["name"] for one in model.inner] == ["x", "hidden", "inner"]
    assert model.inner[1].tensors == ("layer_with_weights-0/kernel", "layer_with_weights-0/bias")
    assert [one.tensors for one in model.inner[2].inner] == [("variables/2", "variables/3")]


def test_a_subclassed_model_of_keras_2_has_layers_without_a_config_of_its_own():
    artifact = opened(TENSORFLOW / "keras_2_subclassed")
    model = artifact.extras["objects"]
    assert artifact.config == {"class_name": "Net", "config": {}, "name": "net"}
    assert {one.path: one.config["class_name"] for one in model.inner} == {
        "first": "Dense",
        "rest/0": "LSTM",
        "rest/1/last": "Dense",
    }
    assert [one.path for one in model.inner[1].inner] == ["rest/0/cell"]


def test_what_is_no_model_of_keras_2_has_no_config():
    artifact = opened(TENSORFLOW / "module")
    assert (artifact.config, artifact.metadata, artifact.extras["objects"]) == (None, {}, None)


def test_a_model_without_variables_is_read(folder):
    artifact = opened(folder(saved_model()))
    assert (dict(artifact.tensors), artifact.extras["graphs"][0].ops) == ({}, {"MatMul": 1, "Placeholder": 1})
    assert artifact.extras["graphs"][0].function_ops == {"MatMul": 1, "Relu": 1}


def test_variables_that_are_missing_are_named(folder):
    made = folder(saved_model(), {"a": np.ones(3)})
    (made / "variables" / "variables.index").unlink()
    with pytest.raises(CorruptFileError, match=r"variables/variables\.index: a part of the folder is missing"):
        open_artifact(made)


@pytest.mark.parametrize("name", ["saved_model.pbtxt", "saved_model.cpb"])
def test_other_forms_of_a_saved_model_are_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UnsupportedVersionError, match="a form that kept cannot read"):
        open_artifact(tmp_path)


def test_a_newer_saved_model_is_refused(folder):
    with pytest.raises(UnsupportedVersionError, match="a newer SavedModel"):
        open_artifact(folder(message((1, 2), (2, b""))))


@pytest.mark.parametrize("data", [b"", message((1, 1))])
def test_a_file_without_a_graph_is_cut(folder, data):
    with pytest.raises(CorruptFileError, match=r"the file is empty|holds no graph"):
        open_artifact(folder(data))


def test_a_damaged_graph_is_refused_by_its_place(folder):
    with pytest.raises(CorruptFileError, match="graph: is cut or damaged"):
        open_artifact(folder(saved_model(of=graph() + b"\x0a\x7f")))


def test_a_signature_that_stands_twice_is_refused(folder):
    twice = (5, pair("serving_default", message((1, pair("x", tensor_info("float32", ()))))))
    with pytest.raises(CorruptFileError, match="a field stands twice"):
        open_artifact(folder(saved_model(twice)))


def test_a_shape_of_no_known_rank_is_none(folder):
    unknown = message((2, 1), (3, message((3, 1))))
    served = pair("f", message((1, pair("x", unknown)), (2, pair("y", message((2, 99), (3, shape((-1,))))))))
    signature = opened(folder(saved_model((5, served)))).extras["graphs"][0].signatures["f"]
    assert (signature.inputs["x"].dtype, signature.inputs["x"].shape) == ("float32", None)
    assert (signature.outputs["y"].dtype, signature.outputs["y"].shape) == ("", (None,))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["assets/pipe", "saved_model.pb", "variables/variables.index", "keras_metadata.pb"])
def test_a_pipe_is_not_waited_for(folder, name):
    made = folder(saved_model(), {"a": np.ones(3)})
    (made / "assets").mkdir()
    (made / name).unlink(missing_ok=True)
    os.mkfifo(made / name)
    with contextlib.suppress(KeptError), open_artifact(made) as artifact:
        assert name == "keras_metadata.pb"
        assert artifact.config is None


def test_an_asset_that_leads_elsewhere_is_refused(folder, tmp_path):
    made = folder(saved_model())
    (made / "assets").mkdir()
    (tmp_path / "secret").write_text("secret")
    os.symlink(tmp_path / "secret", made / "assets" / "words.txt")
    with pytest.raises(UnsafeContentError, match=r"assets/words\.txt: is a link that leads out of the folder"):
        open_artifact(made)


def test_a_folder_of_the_name_of_the_graph_is_no_graph(tmp_path):
    (tmp_path / "saved_model.pb").mkdir()
    with pytest.raises(UnsupportedVersionError, match="something else of that name"):
        open_artifact(tmp_path)


def test_the_size_of_a_graph_is_limited(folder):
    with pytest.raises(LimitExceededError, match="the file is too large"):
        open_artifact(folder(saved_model()), Limits(protobuf_bytes=100))
