"""What must hold on every Keras from 3.10 on: run by `test_keras_seams.py` with the interpreter that it is given."""

import io
import json
import subprocess
import sys

import keras
import numpy as np

import kept
from tests.runtime.models import HEAD, MODELS, PLAIN_LAYER
from tests.runtime.observing import observe, variables

LOAD = """
import json, sys, kept
from tests.runtime.observing import observe
from tests.runtime.old_keras import inputs
for name in json.loads(sys.argv[1]):
    file = name.replace(" ", "-") + ".keras"
    try:
        model = kept.load(file)
    except kept.UntrustedCodeError as error:
        model = kept.load(file, trusted=error.required)
    print(json.dumps(observe(model, inputs(name))))
"""
NAMES = [
    "a plain layer without get_config", "a functional model with shared and nested layers",
    "a custom loss, metric and train_step", "a dropout that has been used", "a frozen layer after training",
    "a Lambda layer", "a closure as a loss", "mixed precision", "functions named as built-ins",
]  # fmt: skip


def inputs(name):
    x = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
    return {"a": x, "b": 2 * x} if "nested" in name else x


def saved(name):
    """Makes, saves and verifies one model; what it was."""
    keras.config.set_dtype_policy("float32")
    script = name.replace(" ", "-") + ".py"
    with open(script, "w") as file:
        file.write(HEAD + MODELS[name])
    namespace = {"__name__": "__main__", "__file__": script}
    sys.modules["__main__"].__dict__.update(namespace)
    exec(compile(HEAD + MODELS[name], script, "exec"), sys.modules["__main__"].__dict__)
    model = sys.modules["__main__"].model
    before = variables(model)
    kept.save(model, name.replace(" ", "-") + ".keras")
    assert variables(model) == before
    return observe(model, inputs(name))


def check_renaming():
    """A class that has another name now takes the weights of the old one, also in a list."""
    scope = {"__name__": "__main__"}
    source = HEAD + PLAIN_LAYER + PLAIN_LAYER.replace("class Scale", "class Rescaled")
    with open("renaming.py", "w") as file:
        file.write(source)
    exec(compile(source, "renaming.py", "exec"), scope)
    model = keras.Sequential([keras.Input((3,)), scope["Scale"](3), keras.layers.Dense(3), scope["Scale"](2)])
    kept.save(model, "renamed.keras", verify=False)
    again = kept.load("renamed.keras", renamed={"__main__:Scale": scope["Rescaled"]})
    assert [type(one).__name__ for one in again.layers] == ["Rescaled", "Dense", "Rescaled"]
    for one, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def check_places():
    """File objects, folders, and models without their optimizer."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    model.train_on_batch(np.ones((2, 3)), np.ones((2, 2)))
    stream = io.BytesIO()
    kept.save(model, stream)
    stream.seek(0)
    assert kept.load(stream).optimizer.built
    kept.save(model, "folder", zipped=False)
    assert keras.saving.load_model("folder").optimizer.built
    kept.save(model, "plain.keras", include_optimizer=False)
    assert not kept.load("plain.keras").compiled
    assert model.optimizer.built


def main():
    before = {name: saved(name) for name in NAMES}
    done = subprocess.run([sys.executable, "-c", LOAD, json.dumps(NAMES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, line in zip(NAMES, done.stdout.splitlines(), strict=True):
        after = json.loads(line)
        for what in ("variables", "optimizer", "layers"):
            assert after[what] == before[name][what], (name, what)
        for one, other in zip(before[name]["outputs"], after["outputs"], strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-5, err_msg=name)
    check_renaming()
    check_places()
    sys.stdout.write("all held\n")


if __name__ == "__main__":
    main()
