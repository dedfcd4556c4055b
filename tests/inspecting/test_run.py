"""What a look into a file finds, in files of every format."""

import json
import zipfile
from dataclasses import FrozenInstanceError

import h5py
import numpy as np
import pytest

import kept
from kept.errors import CorruptFileError, KeptError, UnknownFormatError
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
from tests.formats.samples import GOLDEN
from tests.inspecting.files import ARRAYS, SMALL, SOURCE, by_kept, by_keras, layer, model, record

NEW, OLD = GOLDEN / "keras_3_15_1", GOLDEN / "keras_3_10_0"


@pytest.fixture
def small(tmp_path):
    return by_kept(tmp_path / "small.keras")


def damaged(file, path):
    """Changes one byte of a tensor; the checksum of the member is left as it was."""
    offset = open_artifact(file).tensors[path].offset
    data = bytearray(file.read_bytes())
    data[offset] ^= 1
    file.write_bytes(data)
    return file


def test_a_file_says_what_it_is_and_who_made_it_when(small):
    found = kept.inspect(small)
    assert (found.format, found.title, found.nbytes) == ("keras_archive", ".keras archive", small.stat().st_size)
    assert found.saved == "2026-11-22 10:00:00"
    assert found.versions == {"keras": "3.15.1", "backend": "jax", "python": "3.11.7", "kept": "0.1.0"}


def test_layers_have_their_class_shape_and_tensors(small):
    stem = kept.inspect(small).find("stem")
    assert (stem.class_name, stem.shape, stem.node) == ("Dense", (None, 4), "config.layers[1]")
    assert [(tensor.path, tensor.shape) for tensor in stem.tensors] == [
        ("layers/dense/vars/0", (3, 4)),
        ("layers/dense/vars/1", (4,)),
    ]
    assert (stem.parameter_count, stem.nbytes, stem.dtypes) == (16, 64, ("float32",))
    assert stem.summary == "units=4, activation=relu"


def test_the_state_of_a_random_generator_is_no_parameter(small):
    assert kept.inspect(small).find("scaled").parameter_count == 4


def test_a_layer_of_ones_own_is_marked_and_its_origin_told(small):
    found = kept.inspect(small)
    assert [one.name for one in found.model.walk() if one.is_custom] == ["scaled"]
    required = found.required[0]
    assert (required.import_path, required.file, required.line) == ("__main__:Scaled", "/somewhere/train.py", 9)
    assert required.is_embedded


def test_without_a_record_the_config_says_what_loading_needs(tmp_path):
    found = kept.inspect(by_keras(tmp_path / "stock.keras")).required
    assert [(one.registered_name, one.places) for one in found] == [
        ("Scaled", ("config.layers[2]",)),
        ("my_loss", ("compile_config.loss",)),
    ]


def test_functions_of_keras_are_not_asked_for(tmp_path):
    loss = {"module": "builtins", "class_name": "function", "config": "mean_squared_error"}
    config = model(layer("Dense", "a"), compile_config={"loss": loss})
    assert kept.inspect(by_keras(tmp_path / "a.keras", config=config)).required == ()


def test_bytecode_is_told_of_wherever_it_stands(tmp_path):
    code = {"class_name": "__lambda__", "config": {"value": ["4wEA", None, None]}}
    config = model(layer("Lambda", "a", function=code))
    (required,) = kept.inspect(by_keras(tmp_path / "a.keras", config=config)).required
    assert (required.import_path, required.places) == ("bytecode", ("config.layers[0].config.function",))


def test_the_optimizer_tells_how_far_it_is(small):
    compiled = kept.inspect(small).compiled
    assert (compiled.optimizer, compiled.step, len(compiled.tensors)) == ("Adam", 4200, 2)
    assert (compiled.loss, compiled.metrics) == ("my_loss", "mae")
    assert compiled.settings == {"learning_rate": 0.001}


def test_embedded_source_is_read_and_its_hash_compared(small, tmp_path):
    (source,) = kept.inspect(small).sources
    assert (source.text, source.holds) == (SOURCE, True)


def test_assets_are_told_of_by_name_and_size(small):
    assert kept.inspect(small).assets == {"words/vocabulary.txt": 8}


def test_no_tensor_is_read_unless_that_is_asked_for(small, monkeypatch):
    monkeypatch.setattr("kept.formats.artifact.Tensor.read", None)
    read = []
    monkeypatch.setattr("kept.formats.source.Source.read_into", lambda _, at, buffer: read.append(len(buffer)))
    found = kept.inspect(small)
    assert read == [8]  # how often the optimizer has stepped
    assert all(tensor.stats is None and tensor.holds is None for tensor in found.tensors)


def test_a_record_fits_the_file_it_was_written_for(small):
    found = kept.inspect(small).record
    assert (found.holds, found.checksum_count, found.compared_count) == (True, len(ARRAYS), 0)
    assert (found.outputs, found.device) == (True, "cpu")


def test_checksums_are_compared_when_asked_for(small):
    found = kept.inspect(small, checksums=True)
    assert found.record.compared_count == len(ARRAYS)
    assert found.holds


@pytest.mark.parametrize("path", ["layers/dense/vars/0", "optimizer/vars/1", "_kept/variables/0"])
def test_a_byte_that_changed_is_found_by_its_checksum(small, path):
    found = kept.inspect(damaged(small, path), checksums=True)
    assert not found.holds
    assert found.record.differing == (path,)


def test_a_tensor_that_the_record_does_not_have_is_a_difference(tmp_path):
    def forgetful(written):
        found = record(written)
        del found["kept"]["tensors"]["layers/scaled/vars/0"]
        return found

    found = kept.inspect(by_kept(tmp_path / "a.keras", metadata=forgetful))
    assert found.record.differing == ("layers/scaled/vars/0",)


def test_a_record_of_other_weights_does_not_hold(tmp_path):
    def stale(written):
        found = record(written)
        found["kept"]["weights_crc"] ^= 1
        return found

    assert not kept.inspect(by_kept(tmp_path / "a.keras", metadata=stale)).holds


def test_stats_count_what_is_not_finite(small):
    stats = kept.inspect(small, stats=True).find("stem").tensors[1].stats
    assert (stats.minimum, stats.maximum, stats.mean, stats.std) == (0, 2, 1, 1)
    assert (stats.nan_count, stats.infinite_count, stats.zero_count) == (1, 1, 1)


def test_histograms_come_with_stats_and_only_when_asked_for(small):
    (kernel,) = [one for one in kept.inspect(small, histograms=True).tensors if one.path == "layers/dense/vars/0"]
    assert sum(kernel.stats.histogram) == 12
    (kernel,) = [one for one in kept.inspect(small, stats=True).tensors if one.path == "layers/dense/vars/0"]
    assert kernel.stats.histogram == ()


def test_each_layer_says_whose_output_it_takes(small):
    assert [one.inputs for one in kept.inspect(small).model.layers] == [(), ("x",), ("stem",)]


def test_the_inputs_of_a_layer_inside_a_model_are_paths(tmp_path):
    inner = {**model(layer("Dense", "a"), layer("Dense", "b")), "name": "inner"}
    inner["config"]["name"] = "inner"
    found = kept.inspect(by_keras(tmp_path / "a.keras", config=model(inner))).find("inner/b")
    assert found.inputs == ("inner/a",)


@pytest.mark.parametrize("name", ["trained.keras", "legacy.h5"])
@pytest.mark.parametrize("folder", [NEW, OLD], ids=lambda folder: folder.name)
def test_a_graph_of_stock_keras_is_known(folder, name):
    found = kept.inspect(folder / name).model.layers
    assert [(one.name, one.inputs) for one in found] == [
        ("x", ()),
        ("hidden", ("x",)),
        ("norm", ("hidden",)),
        ("out", ("norm",)),
    ]


@pytest.mark.parametrize("folder", [NEW, OLD], ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", ["trained.keras", "legacy.h5", "trained.weights.h5", "sharded.weights.json"])
def test_every_format_of_stock_keras_gives_the_same_layers(folder, name):
    found = kept.inspect(folder / name)
    assert found.model.name == "small"
    assert found.model.parameter_count == 37
    counts = {layer.name: layer.parameter_count for layer in found.model.layers if layer.parameter_count}
    assert counts == {"hidden": 16, "norm": 16, "out": 5}
    assert found.required == ()


@pytest.mark.parametrize("name", ["trained.keras", "legacy.h5", "trained.weights.h5"])
def test_every_format_says_how_far_the_optimizer_is(name):
    found = kept.inspect(NEW / name)
    assert found.compiled.optimizer.lower().startswith("adam")
    assert found.compiled.step == 1
    assert found.record is None


def test_a_folder_is_looked_into_as_the_archive_is(tmp_path, small):
    zipfile.ZipFile(small).extractall(tmp_path / "folder")
    found = kept.inspect(tmp_path / "folder")
    assert found.format == "keras_directory"
    assert found.model == kept.inspect(small).model


def test_the_model_inside_a_saved_model_is_looked_into(tmp_path, small):
    folder = tmp_path / "served"
    (folder / "assets.extra").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes((NEW / "saved_model" / "saved_model.pb").read_bytes())
    (folder / "assets.extra" / "model.keras").write_bytes(small.read_bytes())
    found = kept.inspect(folder)
    assert found.format == "saved_model"
    assert found.title == "SavedModel folder with a .keras archive in it"
    assert found.model.class_name == "Sequential"


def test_an_old_file_that_names_no_modules_is_read(tmp_path):
    config = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "a", "units": 2}}]}
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "1.2.2"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"a"]
        group.create_group("a").attrs["weight_names"] = [b"a_W"]
        group["a"]["a_W"] = np.ones((3, 2), "float32")
    found = kept.inspect(tmp_path / "old.h5")
    assert [(one.name, one.class_name, one.parameter_count) for one in found.model.layers] == [("a", "Dense", 6)]
    assert found.versions == {"keras": "1.2.2"}
    assert found.required == ()


def test_two_models_with_the_same_class_are_told_apart_by_name(tmp_path):
    arrays = {"layers/dense/vars/0": np.ones(2), "layers/dense_1/vars/0": np.ones(3)}
    names = {"layers/dense/vars": {"name": "b"}, "layers/dense_1/vars": {"name": "a"}}
    config = model(layer("Dense", "a"), layer("Dense", "b"))
    file = by_keras(
        tmp_path / "a.keras",
        config=config,
        tensors={path: NewTensor.of(array) for path, array in arrays.items()},
        attributes=names,
    )
    assert {one.name: one.parameter_count for one in kept.inspect(file).model.layers} == {"a": 3, "b": 2}


def test_without_names_layers_of_one_class_are_counted_as_keras_counts_them(tmp_path):
    arrays = {"layers/dense/vars/0": np.ones(2), "layers/dense_1/vars/0": np.ones(3)}
    tensors = {path: NewTensor.of(array) for path, array in arrays.items()}
    config = model(layer("Dense", "a"), layer("Dense", "b"))
    file = by_keras(tmp_path / "a.keras", config=config, tensors=tensors, attributes={})
    assert {one.name: one.parameter_count for one in kept.inspect(file).model.layers} == {"a": 2, "b": 3}


def test_no_tensor_is_lost(small):
    found = kept.inspect(small)
    told = [tensor.path for tensor in (*found.tensors, *found.compiled.tensors)]
    assert sorted(told) == sorted(ARRAYS)


def test_what_is_found_is_plain_and_frozen(small):
    found = kept.inspect(small, stats=True, checksums=True)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert json.loads(text)["model"]["layers"][1]["name"] == "stem"
    with pytest.raises(FrozenInstanceError):
        found.path = "elsewhere"


def test_numbers_that_json_lacks_are_texts(tmp_path):
    found = kept.inspect(by_keras(tmp_path / "a.keras", config=model(layer("Dense", "a", rate=float("inf")))))
    assert found.to_dict()["model"]["layers"][0]["config"]["rate"] == "inf"


def test_a_config_as_deep_as_the_limits_allow_is_looked_into(tmp_path):
    deep = "x"
    for _ in range(380):
        deep = [deep]
    found = kept.inspect(by_keras(tmp_path / "a.keras", config=model(layer("Dense", "a", value=deep))))
    assert len(json.dumps(found.to_dict())) > 700
    assert "Dense" in str(found)


@pytest.mark.parametrize("broken", ["text", 3, ["a"]])
def test_a_record_that_is_none_is_an_error(tmp_path, broken):
    file = by_kept(tmp_path / "a.keras", metadata=lambda written: {"kept": broken})
    with pytest.raises(KeptError):
        kept.inspect(file)


@pytest.mark.parametrize("key", ["tensors", "objects", "sources", "versions", "fingerprint", "weights_crc"])
@pytest.mark.parametrize("value", [None, 3, "text", ["a"], {"a": 3}, {"a": {"text": 3}}], ids=repr)
def test_a_record_of_any_kind_never_crashes(tmp_path, key, value):
    def strange(written):
        found = record(written)
        found["kept"][key] = value
        return found

    found = kept.inspect(by_kept(tmp_path / "a.keras", metadata=strange), checksums=True)
    assert str(found)
    assert json.dumps(found.to_dict())


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(UnknownFormatError, match="no such file"):
        kept.inspect(tmp_path / "nothing.keras")


def test_a_cut_file_is_one_clear_error(tmp_path, small):
    small.write_bytes(small.read_bytes()[:-10])
    with pytest.raises(CorruptFileError):
        kept.inspect(small)


def test_a_notebook_shows_it_without_running_anything(tmp_path):
    config = {**SMALL, "class_name": "<script>alert(1)</script>"}
    shown = kept.inspect(by_keras(tmp_path / "a.keras", config=config))._repr_html_()
    assert shown.startswith("<pre>")
    assert "<script>" not in shown
