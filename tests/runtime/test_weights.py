"""`kept.save_weights` and `kept.load_weights`: every tensor and every variable is accounted for."""

import h5py
import pytest

from tests.formats.samples import GOLDEN
from tests.runtime.models import HEAD

NET = (
    HEAD
    + """
import kept
from tests.runtime.observing import outputs
def net(units=2, names=("first", "second"), more=False):
    made = [keras.Input((3,)), layers.Dense(3, name=names[0]), layers.Dense(3, name=names[1]), layers.Dense(units, name="last")]
    return keras.Sequential(made + ([layers.Dense(units)] if more else []))
weights = folder + "/w.weights.h5"
model = net()
"""
)
SAVE = "proof = kept.save_weights(model, weights)\n"
LOADED = "other = net()\nkept.load_weights(other, weights)\nresult = outputs(other, x) == outputs(model, x)\n"


@pytest.fixture
def weights(tmp_path):
    return tmp_path / "w.weights.h5"


def refused(lab, *source):
    """Places of a refusal, which must have left the model as it was."""
    unchanged = "result = outputs(other, x) == before\n"
    code = (
        "before = outputs(other, x)\ntry:\n    kept.load_weights(other, weights)\nexcept kept.MismatchError as error:\n"
    )
    return lab.here(
        NET,
        *source,
        code + "    places = [p.where for p in error.problems]\n" + unchanged + "result = [result, places]",
    )


def test_weights_come_back_bit_for_bit(lab):
    assert lab.here(NET, SAVE, LOADED).result


def test_the_proof_says_what_was_read_back(one_lab):
    assert one_lab.here(NET, SAVE, "result = [proof.level.value, proof.variable_count]").result == ["weights", 6]


def test_plain_keras_loads_the_weights_of_kept(lab):
    stock = "other = net()\nother.load_weights(weights)\nresult = outputs(other, x) == outputs(model, x)\n"
    assert lab.here(NET, SAVE, stock).result


def test_kept_loads_the_weights_of_plain_keras(lab):
    assert lab.here(NET, "model.save_weights(weights)\n", LOADED).result


def test_weights_of_a_model_file_are_taken(one_lab):
    source = "kept.save(model, file, verify=False)\nweights = file\n"
    assert one_lab.here(NET, source, LOADED).result


def test_a_missing_tensor_is_named_and_nothing_is_assigned(one_lab):
    answer = refused(one_lab, SAVE, "other = net(more=True)\n").result
    assert answer == [True, ["layers/dense_3/vars/0", "layers/dense_3/vars/1"]]


def test_a_tensor_too_many_is_named_and_nothing_is_assigned(one_lab):
    answer = refused(one_lab, "model = net(more=True)\n", SAVE, "other = net()\n").result
    assert answer == [True, ["layers/dense_3/vars/0", "layers/dense_3/vars/1"]]


def test_another_shape_is_named_and_nothing_is_assigned(one_lab):
    answer = refused(one_lab, SAVE, "other = net(units=5)\n").result
    assert answer == [True, ["layers/dense_2/vars/0", "layers/dense_2/vars/1"]]


def test_layers_that_changed_places_get_the_weights_of_their_names(one_lab):
    load = "other = net(names=('second', 'first'))\nkept.load_weights(other, weights)\n"
    seen = "seen = lambda of: {one.name: [v.numpy().tolist() for v in one.weights] for one in of.layers}\n"
    assert one_lab.here(NET, SAVE, load, seen, "result = seen(other) == seen(model)").result


def test_a_damaged_tensor_is_named(one_lab, weights):
    one_lab.here(NET, SAVE).result  # noqa: B018
    with h5py.File(weights, "r+") as file:
        file["layers/dense_1/vars/0"][0, 0] += 1
    answer = one_lab.here(NET, "other = net()\nkept.load_weights(other, weights)")
    assert answer.error["places"] == ["layers/dense_1/vars/0"]


def test_what_fits_is_loaded_where_that_is_asked_for_and_the_rest_is_told(one_lab):
    load = "other = net(units=5)\nkept.load_weights(other, weights, skip_mismatch=True)\n"
    same = "result = [bool(ops.all(a == b)) for a, b in zip(model.weights[:4], other.weights[:4])]\n"
    answer = one_lab.here(NET, SAVE, load, same)
    assert answer.result == [True] * 4
    assert any("layers/dense_2/vars/0" in one for one in answer.warnings)


def test_objects_to_skip_are_neither_written_nor_wanted(one_lab):
    save = "kept.save_weights(model, weights, objects_to_skip=[model.layers[1]])\n"
    load = "other = net()\nkept.load_weights(other, weights, objects_to_skip=[other.layers[1]])\n"
    same = "result = [bool(ops.all(a == b)) for a, b in zip(model.weights, other.weights)]\n"
    kernels = one_lab.here(NET, save, load, same).result[::2]
    assert kernels == [True, False, True]


SHARDS = (
    "weights = folder + '/w.weights.json'\nmodel.compile('adam', 'mse')\nmodel.fit(x, ops.zeros((4, 2)), verbose=0)\n"
)
SHARDED = SHARDS + "proof = kept.save_weights(model, weights, max_shard_size=1e-7)\n"
RESUMED = "other = net()\nother.compile('adam', 'mse')\nother.optimizer.build(other.trainable_variables)\n{}\n"
SAME = (
    "seen = lambda of: [ops.convert_to_numpy(v).tolist() for v in of.variables]\nresult = seen(other) == seen(model)\n"
)


def shards(folder):
    return sorted(path.name for path in folder.glob("*.weights.h5"))


def test_shards_are_written_and_read_with_the_optimizer(lab):
    assert lab.here(NET, SHARDED, RESUMED.format("kept.load_weights(other, weights)"), SAME).result
    assert len(shards(lab.folder)) > 1


def test_plain_keras_loads_the_shards_of_kept_also_where_they_replaced_others(lab):
    load = RESUMED.format("other.load_weights(weights)")
    again = "model.fit(x, ops.zeros((4, 2)), verbose=0)\nkept.save_weights(model, weights, max_shard_size=1e-7)\n"
    assert lab.here(NET, SHARDED, again, load, SAME).result
    assert len(shards(lab.folder)) > 2


def test_kept_loads_the_shards_of_plain_keras(lab):
    save = "model.save_weights(weights, max_shard_size=1e-7)\n"
    assert lab.here(NET, SHARDS, save, RESUMED.format("kept.load_weights(other, weights)"), SAME).result
    assert len(shards(lab.folder)) > 1


def test_the_proof_of_shards_says_what_was_read_back(one_lab):
    told = "result = [proof.path == weights, proof.level.value, proof.variable_count, proof.nbytes]"
    *answer, nbytes = one_lab.here(NET, SHARDED, told).result
    assert answer == [True, "weights", 20]
    assert nbytes == sum(path.stat().st_size for path in one_lab.folder.glob("w*"))


def test_a_damaged_shard_is_noticed(one_lab):
    one_lab.here(NET, SHARDED).result  # noqa: B018
    with h5py.File(one_lab.folder / "w_00000.weights.h5", "r+") as file:
        file["layers/dense/vars/0"][0, 0] += 1
    answer = one_lab.here(NET, "other = net()\nkept.load_weights(other, folder + '/w.weights.json')")
    assert answer.error["places"] == ["layers/dense/vars/0"]


def test_a_missing_shard_leaves_the_model_as_it_was(one_lab):
    one_lab.here(NET, SHARDED).result  # noqa: B018
    (one_lab.folder / "w_00001.weights.h5").unlink()
    answer = one_lab.here(NET, "kept.load_weights(net(), folder + '/w.weights.json')")
    assert "w_00001.weights.h5: a shard is missing" in answer.error["text"]


def test_the_shards_of_a_routed_save_are_those_of_kept(one_lab):
    save = "kept.install()\ntry:\n    model.save_weights(folder + '/w.weights.h5', max_shard_size=1e-7)\nfinally:\n    kept.uninstall()\n"
    answer = one_lab.here(NET, save, "weights = folder + '/w.weights.json'\n", LOADED)
    assert answer.result
    assert any("the index of shards is" in one for one in answer.warnings)
    with h5py.File(one_lab.folder / "w_00000.weights.h5") as file:
        assert file.attrs["kept_index"] == "w.weights.json"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("kept.save_weights(model, folder + '/w.weights.json')", "give max_shard_size too"),
        ("kept.save_weights(model, folder + '/w.json', max_shard_size=1)", "a path ending in .weights.json"),
        ("kept.save_weights(model, folder + '/w.weights.json', max_shard_size=0)", "a number of GB above 0"),
        ("kept.save_weights(model, folder + '/w.weights.json', max_shard_size='5GB')", "a number of GB above 0"),
        ("kept.save_weights(model, folder + '/w.weights.json', max_shard_size=1e-9)", "does not fit into a shard"),
        ("kept.save_weights(model, weights, weight_dtype='float16')", "takes no such argument"),
        ("kept.save(model, folder + '/model', zipped=False, max_shard_size=1)", "Keras knows no whole model"),
        ("kept.save(model, file, max_shard_size=1)", "Keras knows no whole model"),
    ],
)
def test_what_cannot_be_done_with_shards_is_told(one_lab, call, told):
    error = one_lab.here(NET, call).error
    assert (error["type"], told in error["text"]) == ("SerializationError", True)
    assert {path.name for path in one_lab.folder.iterdir()} == {"script_saves.py"}


def test_a_folder_whose_weights_are_shards_is_loaded(one_lab):
    save = "model.save(folder + '/hub', zipped=False)\nmodel.save_weights(folder + '/hub/model.weights.json', max_shard_size=1e-7)\n"
    load = "os.remove(folder + '/hub/model.weights.h5')\nother = kept.load(folder + '/hub')\nresult = outputs(other, x) == outputs(model, x)\n"
    assert one_lab.here("import os\n", NET, save, load).result


def test_a_model_without_variables_and_a_wrong_name_are_refused(one_lab):
    for source in ("model = keras.Sequential([layers.Dense(2)])\n", "weights = folder + '/w.h5'\n"):
        assert one_lab.here(NET, source, SAVE).error["type"] == "SerializationError"


def test_a_failing_save_leaves_the_old_file(one_lab, weights):
    one_lab.here(NET, SAVE).result  # noqa: B018
    before = weights.read_bytes()
    broken = "class Broken(layers.Dense):\n    def save_own_variables(self, store):\n        store['0'] = self.kernel\n        raise OSError('no')\n"
    answer = one_lab.here(NET, broken, "model.add(Broken(2))\n", SAVE)
    assert "no" in answer.error["text"]
    assert weights.read_bytes() == before
    assert {path.name for path in one_lab.folder.iterdir()} == {"script_saves.py", weights.name}


def test_an_existing_file_is_kept_where_it_must_not_be_replaced(one_lab, weights):
    weights.write_bytes(b"precious")
    answer = one_lab.here(NET, "kept.save_weights(model, weights, overwrite=False)")
    assert (answer.error["type"], weights.read_bytes()) == ("WriteError", b"precious")


OTHERS = """
import numpy as np
from kept.formats import safetensors
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
kept.save_weights(model, weights)
with open_artifact(weights) as artifact:
    arrays = {t.path: t.read() for t in artifact if not t.path.startswith("_kept")}
"""
WRITE = {
    "npz": "weights = folder + '/w.npz'\nnp.savez(weights, **arrays)\n",
    "safetensors": (
        "weights = folder + '/w.safetensors'\n"
        "safetensors.write(weights, {path: NewTensor.of(array) for path, array in arrays.items()})\n"
    ),
}


@pytest.mark.parametrize("kind", WRITE)
def test_weights_in_files_of_others_are_loaded_by_their_inner_paths(one_lab, kind):
    assert one_lab.here(NET, OTHERS, WRITE[kind], LOADED).result


def test_a_damaged_npz_is_noticed_and_nothing_is_assigned(one_lab):
    damage = "data = bytearray(Path(weights).read_bytes())\ndata[210] ^= 1\nPath(weights).write_bytes(data)\n"
    answer = refused(one_lab, "from pathlib import Path\n", OTHERS, WRITE["npz"], damage, "other = net()\n").result
    assert answer == [True, ["layers/dense/vars/0"]]


def test_a_config_alone_is_no_model(one_lab):
    result = one_lab.here(
        NET,
        "from pathlib import Path\npath = folder + '/model.json'\nPath(path).write_text(model.to_json())\n",
        "try:\n    kept.load(path)\nexcept kept.SerializationError as error:\n    result = str(error).splitlines()\n",
    ).result
    assert result[0].endswith("/model.json: this file holds the config of a model and no weights")
    assert result[1] == "  hint      keras.models.model_from_json(text), then kept.load_weights(model, path)"


def test_a_checkpoint_of_tensorflow_is_left_to_keras(one_lab):
    checkpoint = str(GOLDEN / "tensorflow_2_21" / "checkpoint")
    error = one_lab.here(NET, f"import kept\nkept.load_weights(model, {checkpoint!r})").error
    assert (error["type"], "File format not supported" in error["text"]) == ("ValueError", True)
