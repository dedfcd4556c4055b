"""Every example through `kept run`, and back in a process that never saw it."""

import json

import numpy as np
import pytest

from tests.conftest import ROOT, Python, require_backend

EXAMPLES = {
    "dense_without_config": ("dense_without_config.keras", ["tensorflow"]),
    "dense_with_config": ("dense_with_config.keras", ["tensorflow"]),
    "dense_saved_model": ("dense_saved_model", ["tensorflow"]),
    "custom_training": ("custom_training.keras", ["tensorflow", "jax", "torch"]),
}
RUNS = [(example, backend) for example, (_, backends) in EXAMPLES.items() for backend in backends]

# `kept run`, and what the script's model is once the script has ended.
RUN = """
import sys
from kept.cli import main

try:
    main()
except SystemExit as end:
    if end.code:
        raise

import numpy as np
import keras
script = sys.modules["__main__"]
state = [keras.ops.convert_to_numpy(one) for one in (*script.model.weights, *script.model.optimizer.variables)]
outputs = script.model(keras.ops.convert_to_tensor(script.x))
np.savez("before.npz", script.x, keras.ops.convert_to_numpy(outputs), *state)
"""

LOAD = """
import json, sys
import numpy as np
import kept

trusted = []
try:
    model = kept.load(sys.argv[1])
except kept.UntrustedCodeError as error:
    trusted = error.required
    model = kept.load(sys.argv[1], trusted=trusted)
import keras
with np.load("before.npz") as file:
    before = list(file.values())
np.savez("after.npz", before[0], keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(before[0]))),
         *[keras.ops.convert_to_numpy(one) for one in (*model.weights, *model.optimizer.variables)])
model.fit(before[0][:8], before[1][:8, :1] * 0, epochs=1, verbose=0)
print(json.dumps({"trusted": trusted, "imported": [name for name in sys.modules if name in sys.argv[2:]]}))
"""


@pytest.fixture(scope="module", params=RUNS, ids="-".join)
def ran(request, tmp_path_factory):
    """An example that ran to its end: its name, its backend, the folder, how it ended."""
    example, backend = request.param
    require_backend(backend)
    python = Python(tmp_path_factory.mktemp(example))
    ended = python("-c", RUN, "run", str(ROOT / "examples" / f"{example}.py"), KERAS_BACKEND=backend)
    assert ended.code == 0, ended.err
    return example, backend, python, ended


def arrays(path):
    with np.load(path) as file:
        return list(file.values())


def test_an_example_comes_back_equal_in_a_process_that_never_imported_it(ran):
    example, backend, python, _ = ran
    loaded = python("-c", LOAD, EXAMPLES[example][0], example, KERAS_BACKEND=backend)
    assert loaded.code == 0, loaded.err
    assert json.loads(loaded.out)["imported"] == []
    before, after = arrays(python.folder / "before.npz"), arrays(python.folder / "after.npz")
    assert len(before) == len(after) > 4
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_an_example_tells_what_was_proven(ran):
    example, _, _, ended = ran
    assert ended.out.endswith(f"saved {EXAMPLES[example][0]}\n")
    report = ended.err[ended.err.rindex("\nkept  ") :]
    assert report.startswith("\nkept  1 save proven in ")
    assert f"\n  {EXAMPLES[example][0]} " in report
    assert " and outputs equal\n" in report


def test_the_saved_model_is_served_by_tensorflow_alone(python):
    require_backend("tensorflow")
    example = str(ROOT / "examples" / "dense_saved_model.py")
    assert python("-c", RUN, "run", example, KERAS_BACKEND="tensorflow").code == 0
    serve = """
import numpy as np, sys, tensorflow as tf
with np.load("before.npz") as file:
    x, expected, *_ = file.values()
(served,) = tf.saved_model.load("dense_saved_model").signatures["serving_default"](tf.constant(x)).values()
print("kept" in sys.modules, np.allclose(served.numpy(), expected, atol=1e-6))
"""
    assert python("-c", serve).out == "False True\n"


def test_plain_keras_writes_what_it_cannot_load(python):
    require_backend("tensorflow")
    saved = python(str(ROOT / "examples" / "dense_without_config.py"), KERAS_BACKEND="tensorflow")
    loaded = python("-c", "import keras; keras.saving.load_model('dense_without_config.keras')")
    assert (saved.code, loaded.code) == (0, 1)
    assert "TypeError" in loaded.err
