"""`kept.verify`: is this file still the model that was saved; would this live model survive a save."""

import pytest

from kept.formats.base import open_artifact
from tests.runtime.crafting import craft
from tests.runtime.models import HEAD, PLAIN_LAYER, STEP

TRAINED = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])\nmodel.compile('adam', 'mse')\n" + STEP
SCALE = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(2)])\n"
SAVE = "import kept\nresult = kept.save(model, file).to_dict()\n"
VERIFY = "import kept\nproof = kept.verify(file)\nresult = proof.to_dict() | {'holds': proof.holds}\n"


def verified(lab, source=VERIFY):
    return lab.here(source).result


@pytest.mark.parametrize("level", ["structure", "weights", "outputs", "resume"])
def test_a_save_proves_the_level_that_was_asked_for(one_lab, level):
    proof = one_lab.here(TRAINED, SAVE.replace("file)", f"file, verify={level!r})")).result
    compared = proof["outputs"] != "not compared", proof["resume"] != "not compared"
    assert proof["level"] == level
    assert compared == (level in ("outputs", "resume"), level == "resume")


@pytest.mark.parametrize("level", [False, "none"])
def test_a_save_without_proof_says_so_and_an_unknown_level_is_refused(one_lab, level):
    answer = one_lab.here(TRAINED, SAVE.replace("file)", f"file, verify={level!r})"))
    if level is False:
        assert answer.result["level"] is None
    else:
        assert answer.error["type"] == "SerializationError"


def test_one_more_training_step_is_the_same_in_a_fresh_process(lab):
    dropped = TRAINED.replace("layers.Dense(2)]", "layers.Dropout(0.5), layers.Dense(2)]")
    proof = lab.here(dropped, SAVE.replace("file)", "file, verify='resume')")).result
    assert proof["resume"] == "equal"


def test_a_saved_file_verifies_later(lab):
    lab.here(TRAINED, SAVE).result  # noqa: B018
    proof = verified(lab)
    assert (proof["holds"], proof["outputs"]) == (True, "equal")


def test_verify_needs_trust_as_load_does(one_lab):
    one_lab.here(SCALE, SAVE).result  # noqa: B018
    required = one_lab.here(VERIFY).error["required"]
    assert required[0].startswith("sha256:")
    assert verified(one_lab, VERIFY.replace("file)", f"file, trusted={required!r})"))["holds"]


@pytest.mark.parametrize("other", ["tensorflow", "torch"])
def test_what_jax_saved_is_the_same_model_on(other, laboratory, tmp_path):
    from tests.conftest import require_backend
    from tests.runtime.laboratory import Lab

    require_backend("jax")
    require_backend(other)
    lab = Lab(laboratory, "jax", tmp_path)
    saved = lab.here(
        TRAINED.replace(
            "layers.Dense(2)]", "layers.Dropout(0.5), layers.Dense(64, activation='gelu'), layers.Dense(2)]"
        ),
        SAVE,
    ).result
    assert saved is not None
    proof = verified(lab.on(other))
    assert (proof["holds"], proof["outputs"] in ("equal", "close"), proof["backend"]) == (True, True, other)


def flip(file, name):
    with open_artifact(file) as artifact:
        offset = artifact.tensors[name].offset
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)


def test_a_flipped_bit_in_a_tensor_is_found(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    flip(one_lab.file, "layers/dense/vars/0")
    answer = one_lab.here(VERIFY)
    if "error" in answer.given:
        assert answer.error["type"] == "CorruptFileError"
    else:
        assert "layers/dense/vars/0" in [problem["where"] for problem in answer.result["problems"]]


def test_an_edited_config_is_found(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018

    def edit(config, metadata):
        config["config"]["layers"][1]["config"]["activation"] = "tanh"

    craft(one_lab.file, edit)
    proof = verified(one_lab)
    assert not proof["holds"]
    assert any("outputs" in problem["message"] for problem in proof["problems"])


def test_an_edited_flag_is_found(one_lab):
    one_lab.here(TRAINED.partition("model.compile")[0], SAVE).result  # noqa: B018
    craft(one_lab.file, lambda config, _: config["config"]["layers"][1]["config"].update(trainable=False))
    assert "model.layers[0].trainable" in [problem["where"] for problem in verified(one_lab)["problems"]]


def test_a_file_without_a_fingerprint_holds_and_says_what_was_not_compared(one_lab):
    one_lab.here(TRAINED, SAVE.replace("file)", "file, verify=False)")).result  # noqa: B018
    proof = verified(one_lab)
    assert (proof["holds"], proof["outputs"]) == (True, "not compared")
    assert "no fingerprint" in proof["outputs_note"]


def test_a_stock_file_is_compared_with_itself(one_lab):
    one_lab.here(TRAINED, "model.save(file)").result  # noqa: B018
    assert verified(one_lab)["holds"]


def test_a_live_model_is_proven_and_nothing_is_left(one_lab):
    before = one_lab.here(
        TRAINED, "import kept\nproof = kept.verify(model, 'resume')\nresult = [proof.path, proof.resume.value]"
    )
    assert before.result == ["", "equal"]
    assert {path.name for path in one_lab.folder.iterdir()} == {"script_saves.py"}


def test_a_file_is_not_asked_for_a_training_step(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    assert one_lab.here(VERIFY.replace("file)", "file, 'resume')")).error["type"] == "SerializationError"


INPUTS = {
    "a dict": "a, b = keras.Input((2,), name='a'), keras.Input((3,), name='b')\n"
    "model = keras.Model({'a': a, 'b': b}, layers.Concatenate()([a, b]))",
    "several": "a, b = keras.Input((2,)), keras.Input((3,))\nmodel = keras.Model([a, b], layers.Concatenate()([a, b]))",
    "integers": "model = keras.Sequential([keras.Input((4,), dtype='int32'), layers.Embedding(9, 2)])",
    "booleans": "a = keras.Input((4,), dtype='bool')\nmodel = keras.Model(a, layers.Lambda(lambda x: ops.cast(x, 'float32') * 2)(a))",
    "free dimensions": "model = keras.Sequential([keras.Input((None, 3)), layers.LSTM(2)])",
    "free dimensions with a smallest size": "model = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(2, 20), layers.GlobalMaxPooling2D()])",
    "a subclassed model": "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(2)\n"
    "    def call(self, x):\n        return self.d(x)\nmodel = Net()\nmodel(x)",
}  # fmt: skip


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_are_made_for_a_model_that_takes(name, one_lab):
    proof = one_lab.here(HEAD, INPUTS[name], SAVE).result
    assert proof["outputs"] in ("equal", "close"), proof["outputs_note"]


def test_inputs_of_text_are_made(tensorflow_lab):
    text = "words = layers.StringLookup(vocabulary=['a', 'b'])\nmodel = keras.Sequential([keras.Input((2,), dtype='string'), words])"
    assert tensorflow_lab.here(HEAD, text, SAVE).result["outputs"] == "equal"


PICKY = (
    HEAD
    + """
class Picky(keras.Model):
    def build(self, shape):
        self.built = True
    def call(self, x):
        if float(ops.min(x)) >= 0:
            raise ValueError("only negative values")
        return x * 2
model = Picky()
model(x)
"""
)


def test_where_inputs_cannot_be_made_the_proof_says_so(one_lab):
    proof = one_lab.here(PICKY, SAVE).result
    assert (proof["outputs"], bool(proof["outputs_note"])) == ("not compared", True)


def test_inputs_that_are_given_are_compared(one_lab):
    proof = one_lab.here(PICKY, SAVE.replace("file)", "file, inputs=x)")).result
    assert proof["outputs"] in ("equal", "close")


def test_targets_that_are_given_are_trained_towards(one_lab):
    proof = one_lab.here(TRAINED, SAVE.replace("file)", "file, verify='resume', inputs=x, targets=y)")).result
    assert proof["resume"] == "equal"


def test_an_edited_flag_of_a_compiled_model_is_found(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    craft(one_lab.file, lambda config, _: config["config"]["layers"][1]["config"].update(trainable=False))
    proof = verified(one_lab)
    assert not proof["holds"]
    assert "model.layers[0].trainable" in [problem["where"] for problem in proof["problems"]]


def test_tensors_that_do_not_fit_are_listed_and_not_raised(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    craft(one_lab.file, lambda config, _: config["config"]["layers"][1]["config"].update(use_bias=False))
    proof = verified(one_lab)
    assert not proof["holds"]
    assert "layers/dense/vars/1" in [problem["where"] for problem in proof["problems"]]
