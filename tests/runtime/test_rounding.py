"""`weights_dtype=`: weights are stored in half precision, nothing else is, and the proof is about what is stored."""

import pytest

from tests.runtime.models import HEAD

NET = (
    HEAD
    + """
import ml_dtypes
import kept
def net():
    made = keras.Sequential([
        keras.Input((3,)), layers.Dense(4, name="first"), layers.BatchNormalization(), layers.Dropout(0.5),
        layers.Dense(2, name="last"),
    ])
    made.compile("adam", "mse")
    made.optimizer.build(made.trainable_variables)
    return made
model = net()
model.fit(x, ops.zeros((4, 2)), verbose=0)
weights = folder + "/w.weights.h5"
def arrays(variables):
    return [ops.convert_to_numpy(one) for one in variables]
def same(other, dtype):
    stored = [one.astype(dtype).astype(one.dtype) for one in arrays(model.weights)]
    rounded = [np.array_equal(a, b) for a, b in zip(stored, arrays(other.weights))]
    others = [np.array_equal(a, b) for a, b in zip(arrays(model.optimizer.variables), arrays(other.optimizer.variables))]
    kinds = [a.dtype == b.dtype for a, b in zip(model.weights, other.weights)]
    return all(rounded) and all(others) and all(kinds)
"""
)
TYPES = [("bfloat16", "ml_dtypes.bfloat16"), ("float16", "np.float16")]


@pytest.mark.parametrize(("name", "kind"), TYPES)
def test_a_model_comes_back_with_its_weights_rounded_and_all_else_as_it_was(lab, name, kind):
    save = f"before = arrays(model.variables)\nproof = kept.save(model, file, weights_dtype={name!r})\n"
    told = "held = [proof.level.value, proof.outputs.value, proof.outputs_note, proof.holds]\n"
    left = "left = all(np.array_equal(a, b) for a, b in zip(before, arrays(model.variables)))\n"
    load = f"result = [held, left, same(kept.load(file), {kind}), kept.verify(file).holds]\n"
    note = f"the file holds the weights rounded to {name}, the model does not"
    assert lab.here(NET, save, told, left, load).result == [["outputs", "not compared", note, True], True, True, True]


@pytest.mark.parametrize(("name", "kind"), TYPES)
def test_plain_keras_loads_what_was_rounded(lab, name, kind):
    save = f"kept.save(model, file, verify=False, weights_dtype={name!r})\nkept.save_weights(model, weights, weights_dtype={name!r})\n"
    load = "other = net()\nother.load_weights(weights)\n"
    same = f"result = [same(other, {kind}), same(keras.saving.load_model(file), {kind})]"
    assert lab.here(NET, save, load, same).result == [True, True]


def test_shards_are_rounded_too_and_are_as_large_as_what_they_hold(one_lab):
    save = "index = folder + '/w.weights.json'\nkept.save_weights(model, index, max_shard_size=1e-7, weights_dtype='bfloat16')\n"
    load = "other = net()\nkept.load_weights(other, index)\nresult = same(other, ml_dtypes.bfloat16)\n"
    assert one_lab.here(NET, save, load).result


def test_float64_is_rounded_as_well(torch_lab):
    made = "model = keras.Sequential([keras.Input((3,)), layers.Dense(4, dtype='float64')])\nkept.save(model, file, weights_dtype='bfloat16')\n"
    kinds = "other = kept.load(file)\nresult = [one.dtype for one in other.weights]\n"
    assert torch_lab.here(NET, made, kinds).result == ["float64", "float64"]


def test_integers_and_what_is_half_precision_already_stay_as_they_are(one_lab):
    made = (
        "model = keras.Sequential([keras.Input((3,)), layers.Dense(4, dtype='bfloat16'), layers.Dense(4)])\n"
        "model.layers[1].quantize('int8')\n"
        "kept.save(model, file, weights_dtype='float16', verify='weights')\n"
    )
    kinds = "from kept.formats.base import open_artifact\nresult = sorted({one.dtype for one in open_artifact(file)})\n"
    assert one_lab.here(NET, made, kinds).result == ["bfloat16", "float16", "int8"]


def test_a_file_that_changed_after_a_rounded_save_is_told(one_lab):
    damage = (
        "kept.save(model, file, weights_dtype='float16')\n"
        "other = kept.load(file)\nother.layers[0].kernel.assign(other.layers[0].kernel + 1)\n"
        "from kept.formats.base import open_artifact\n"
        "at = open_artifact(file).tensors['layers/dense/vars/0'].offset\n"
        "data = bytearray(open(file, 'rb').read())\ndata[at] ^= 1\nopen(file, 'wb').write(data)\n"
    )
    proof = "proof = kept.verify(file)\nresult = [proof.holds, [one.where for one in proof.problems]]\n"
    assert one_lab.here(NET, damage, proof).result == [False, ["layers/dense/vars/0"]]


def test_values_that_would_become_infinite_are_refused_and_named(one_lab):
    large = "kernel = model.layers[0].kernel\nkernel.assign(ops.full((3, 4), -70000.0))\n"
    answer = one_lab.here(NET, large, "kept.save_weights(model, weights, weights_dtype='float16')")
    assert (answer.error["type"], answer.error["places"]) == ("SerializationError", ["layers/dense/vars/0"])
    assert "12 of 12 values are too large for float16" in answer.error["text"]
    assert 'weights_dtype="bfloat16" holds values up to 3.38953e+38' in answer.error["text"]
    assert not (one_lab.folder / "w.weights.h5").exists()


def test_infinite_and_nan_weights_stay_what_they_are(one_lab):
    odd = "model.layers[0].kernel.assign(ops.convert_to_tensor([[np.inf, -np.inf, np.nan, 1]] * 3))\n"
    save = (
        "kept.save_weights(model, weights, weights_dtype='float16')\nother = net()\nkept.load_weights(other, weights)\n"
    )
    answer = one_lab.here(NET, odd, save, "result = repr(arrays(other.weights)[0][0].tolist())")
    assert answer.result == "[inf, -inf, nan, 1.0]"


@pytest.mark.parametrize("given", ["'int8'", "'float32'", "'half'", "16"])
def test_what_is_no_half_precision_is_refused(one_lab, given):
    for call in (
        f"kept.save(model, file, weights_dtype={given})",
        f"kept.save_weights(model, weights, weights_dtype={given})",
    ):
        error = one_lab.here(NET, call).error
        assert "weights_dtype names no half precision" in error["text"]
        assert "float16 or bfloat16" in error["text"]
    assert {path.name for path in one_lab.folder.iterdir()} == {"script_saves.py"}


def test_a_legacy_h5_file_cannot_be_rounded(one_lab):
    error = one_lab.here(NET, "kept.save(model, folder + '/m.h5', weights_dtype='float16')").error
    assert "a legacy .h5 file is written by Keras, which rounds nothing" in error["text"]


def test_a_type_is_taken_for_its_name(one_lab):
    save = "kept.save_weights(model, weights, weights_dtype=np.float16)\nother = net()\nkept.load_weights(other, weights)\n"
    assert one_lab.here(NET, save, "result = same(other, np.float16)").result
