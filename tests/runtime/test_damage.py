"""A file whose bytes are not those that were written is not loaded."""

import json

import pytest

SCRIPT = """
import json, zipfile
import keras, kept

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8)])
kept.save(model, "model.keras", verify=False)
record = json.loads(zipfile.ZipFile("model.keras").read("metadata.json"))["kept"]["tensors"]
data = bytearray(open("model.keras", "rb").read())
data[record["layers/dense/vars/0"]["offset"] + 3] ^= 4
open("model.keras", "wb").write(data)
answers = []
for ask in (lambda: kept.load("model.keras"), lambda: kept.load_weights(model, "model.keras")):
    try:
        ask()
        answers.append("loaded")
    except kept.KeptError as error:
        answers.append(str(error))
print(json.dumps(answers))
"""


@pytest.fixture
def answers(python):
    ended = python("-c", SCRIPT, KERAS_BACKEND="jax")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_one_flipped_bit_is_named_by_the_tensor_that_holds_it(answers):
    assert all("layers/dense/vars/0: the tensor is damaged" in answer for answer in answers), answers
