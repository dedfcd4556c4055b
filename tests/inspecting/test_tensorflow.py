"""Looking into SavedModels and checkpoints: what TensorFlow, Keras 2 and Orbax wrote."""

import shutil

import pytest

from kept.inspecting.run import inspect_file
from kept.report import is_weight
from tests.formats.bundles import saved_model
from tests.formats.samples import GOLDEN, small_archive

TENSORFLOW = GOLDEN / "tensorflow_2_21"


def rows(found):
    return {layer.path: (layer.class_name, layer.parameter_count) for layer in found.model.layers}


def test_layers_of_keras_2_have_their_classes_and_parameters():
    found = inspect_file(TENSORFLOW / "keras_2")
    assert (found.model.class_name, found.model.name, found.model.parameter_count) == ("Functional", "small", 26)
    assert rows(found) == {"x": ("InputLayer", 0), "hidden": ("Dense", 16), "inner": ("Sequential", 10)}
    assert [one.name for one in found.model.layers[2].layers] == ["input_1", "deep"]


def test_shapes_follow_the_graph_that_keras_2_wrote():
    found = inspect_file(TENSORFLOW / "keras_2")
    assert [layer.shape for layer in found.model.layers] == [(None, 3), (None, 4), (None, 2)]


def test_the_optimizer_of_keras_2_is_told_with_its_step():
    compiled = inspect_file(TENSORFLOW / "keras_2").compiled
    assert (compiled.optimizer, compiled.step, len(compiled.tensors)) == ("Adam", 1, 10)
    assert (compiled.loss, compiled.metrics) == ("mse", "MeanMetricWrapper(mean_absolute_error)")


def test_state_of_metrics_is_beside_the_model():
    others = [one.path for one in inspect_file(TENSORFLOW / "keras_2").others]
    assert others == [f"keras_api/metrics/{index}/{name}" for index in (0, 1) for name in ("count", "total")]


def test_layers_of_a_subclassed_model_are_known_from_their_metadata():
    found = inspect_file(TENSORFLOW / "keras_2_subclassed")
    assert rows(found) == {"a": ("Dense", 8), "rnn": ("LSTM", 40), "z": ("Dense", 3)}
    assert [one.class_name for one in found.model.layers[1].layers] == ["LSTMCell"]
    assert [one.registered_name for one in found.required] == ["Net"]


def test_no_tensor_is_told_twice_or_left_out():
    for folder in sorted(path for path in TENSORFLOW.iterdir() if path.is_dir()):
        found = inspect_file(folder)
        paths = [one.path for one in (*found.tensors, *(found.compiled.tensors if found.compiled else ()))]
        assert len(paths) == len(set(paths)) == {"checkpoint": 3, "module": 8}.get(folder.name, len(paths))


def test_signatures_are_told_and_those_of_tensorflow_itself_are_not():
    (graph,) = inspect_file(TENSORFLOW / "module").graphs
    assert [signature.name for signature in graph.signatures] == ["serving_default"]
    assert [one.name for one in graph.signatures[0].inputs] == ["words", "x"]
    assert graph.ops["LookupTableFindV2"] == 1
    assert graph.function_count == 7


def test_variables_are_told_with_their_names():
    found = inspect_file(GOLDEN / "keras_3_15_1" / "saved_model")
    assert [one.name for one in found.model.tensors][:2] == ["hidden/kernel", "hidden/bias"]
    assert found.versions == {"tensorflow": "2.21.0"}


def test_what_keras_3_exports_twice_is_counted_once():
    found = inspect_file(GOLDEN / "keras_3_15_1" / "saved_model")
    assert found.model.parameter_count == 37
    assert {one.path.partition("/")[0] for one in found.others} == {"_all_variables"}


def test_texts_are_no_parameters():
    model = inspect_file(TENSORFLOW / "module").model
    assert [one.path for one in model.tensors if not is_weight(one)] == ["texts"]
    assert model.parameter_count == 12 + 3 + 2 + 1 + 1 + 1


def test_checksums_of_the_file_itself_are_compared_when_asked():
    found = inspect_file(TENSORFLOW / "module", checksums=True)
    assert {one.holds for one in found.tensors} == {True}
    assert {one.holds for one in inspect_file(TENSORFLOW / "module").tensors} == {None}


def test_a_model_inside_keeps_the_graph_that_is_served(tmp_path):
    (tmp_path / "assets.extra").mkdir()
    (tmp_path / "saved_model.pb").write_bytes(saved_model())
    small_archive(tmp_path / "assets.extra" / "model.keras")
    found = inspect_file(tmp_path)
    assert found.title == "SavedModel folder with a .keras archive in it"
    assert [signature.name for graph in found.graphs for signature in graph.signatures] == ["serving_default"]


def test_a_checkpoint_of_keras_on_orbax_has_its_layers():
    pytest.importorskip("tensorstore")
    found = inspect_file(GOLDEN / "orbax_0_12" / "keras")
    assert rows(found) == {"input_layer": ("InputLayer", 0), "hidden": ("Dense", 16), "out": ("Dense", 5)}
    assert (found.compiled.optimizer, found.compiled.step, len(found.compiled.tensors)) == ("Adam", 2, 10)
    assert found.title == "Orbax checkpoint of step 1"
    assert len(found.others) == 2


def test_a_tree_of_orbax_is_a_list_of_arrays():
    pytest.importorskip("tensorstore")
    found = inspect_file(GOLDEN / "orbax_0_12" / "tree")
    assert [one.path for one in found.model.tensors][-3:] == ["params/dense/bias", "params/dense/kernel", "step"]
    assert found.model.layers == ()


def test_a_look_needs_no_more_than_the_folder(tmp_path):
    shutil.copytree(TENSORFLOW / "keras_2", tmp_path / "elsewhere")
    assert rows(inspect_file(tmp_path / "elsewhere")) == rows(inspect_file(TENSORFLOW / "keras_2"))
