"""On an accelerator: what is saved there is proven by a process on the CPU, or by one that shares the accelerator."""

import json
import shutil
import textwrap

import pytest

from tests.conftest import BACKENDS, require_backend

pytestmark = pytest.mark.skipif(shutil.which("nvidia-smi") is None, reason="this machine has no NVIDIA GPU")
VISIBLE = {"CUDA_VISIBLE_DEVICES": "0", "JAX_PLATFORMS": "", "KERAS_TORCH_DEVICE": "cuda"}
HEAD = """
import json
import numpy as np
import keras
from keras import layers
import kept

class Scaled(layers.Layer):
    def __init__(self, units, factor=2.0):
        super().__init__()
        self.factor, self.inner = factor, layers.Dense(units)
    def call(self, x):
        return self.inner(x) * self.factor

def make():
    parts = [Scaled(64), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((32,)), *parts])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

def block(x):
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 16)(x, x))
    return layers.LayerNormalization()(x + layers.Dense(64)(layers.Dense(256, activation="gelu")(x)))

def transformer():
    x = given = keras.Input((16, 64))
    for _ in range(4):
        x = block(x)
    return keras.Model(given, layers.Dense(8)(x))

def device(variable):
    return str(variable.value.device)

def values(model):
    return [keras.ops.convert_to_numpy(one.value) for one in model.variables]

r = np.random.default_rng(0)
x, y = r.normal(size=(256, 32)).astype("float32"), r.integers(0, 10, 256)
"""


@pytest.fixture(params=BACKENDS)
def told(request, python):
    """What a script on the accelerator prints as its last line, in JSON; skips where the backend does not see one."""
    require_backend(request.param)

    def run(script):
        file = python.write("training.py", HEAD + textwrap.dedent(script))
        ended = python(file, KERAS_BACKEND=request.param, **VISIBLE)
        assert ended.code == 0, ended.err[-3000:]
        return json.loads(ended.out.strip().splitlines()[-1])

    if "cpu" in run("print(json.dumps(device(make().layers[-1].kernel).lower()))"):
        pytest.skip(f"{request.param} does not see the accelerator")
    return run


def test_a_trained_model_is_proven_on_the_cpu_and_loads_where_it_was(told):
    result = told("""
        model = make()
        model.fit(x, y, verbose=0)
        proof = kept.save(model, "model.keras")
        loaded = kept.load("model.keras")
        same = [bool(np.array_equal(a, b)) for a, b in zip(values(model), values(loaded), strict=True)]
        where = [device(one) for one in loaded.variables] == [device(one) for one in model.variables]
        nearly = np.allclose(model.predict(x, verbose=0), loaded.predict(x, verbose=0), atol=1e-3)
        try:
            kept.verify("model.keras")
        except kept.UntrustedCodeError as error:
            verified = kept.verify("model.keras", trusted=error.required)
        loaded.fit(x, y, verbose=0)
        print(json.dumps([proof.device, proof.outputs.value, all(same), where, bool(nearly), bool(verified)]))
    """)
    assert (result[0], *result[2:]) == ("cpu", True, True, True, True)
    assert result[1] in ("close", "equal")


def test_a_process_on_the_same_accelerator_proves_the_next_step_too(told):
    result = told("""
        model = make()
        model.fit(x, y, verbose=0)
        proof = kept.save(model, "model.keras", verify="resume", accelerator=True)
        print(json.dumps([proof.device, proof.outputs.value, proof.resume.value, proof.resume_note]))
    """)
    assert result[0] != "cpu"
    assert (result[1] in ("close", "equal"), result[2]) == (True, "equal"), result


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16", "bfloat16"])
def test_rounding_of_a_type_is_no_difference(policy, told):
    result = told(f"""
        keras.config.set_dtype_policy({policy!r})
        model = transformer()
        proof = kept.save(model, "model.keras")
        print(json.dumps([proof.outputs.value, proof.outputs_note]))
    """)
    assert result[0] in ("close", "equal"), result


def test_a_file_that_is_mapped_loads_on_the_accelerator(told):
    assert told("""
        model = make()
        kept.save(model, "model.keras")
        loaded = kept.load("model.keras", mmap=True)
        same = all(np.array_equal(a, b) for a, b in zip(values(model), values(loaded), strict=True))
        print(json.dumps([same, device(loaded.layers[-1].kernel) == device(model.layers[-1].kernel)]))
    """) == [True, True]  # fmt: skip


def test_random_numbers_go_on_where_a_checkpoint_was_made(told):
    whole, resumed, restored = told("""
        def trained(epochs, folder):
            keras.utils.set_random_seed(1)
            model = make()
            at = kept.Checkpoint(folder, save_freq="epoch")
            history = model.fit(x, y, epochs=epochs, shuffle=False, verbose=0, callbacks=[at]).history
            return model, history["loss"]

        _, whole = trained(4, "whole")
        trained(2, "parts")
        model, losses = trained(4, "parts")
        model, _ = kept.restore(make, "parts")
        print(json.dumps([whole, losses, device(model.layers[-1].kernel) == device(make().layers[-1].kernel)]))
    """)
    assert resumed[-2:] == pytest.approx(whole[-2:], rel=1e-4)
    assert restored
