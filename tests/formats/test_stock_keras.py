"""Plain Keras loads what kept writes, on each backend, in a process of its own; see `conftest.py` for `python`."""

import shutil

import pytest

from tests.conftest import require_backend
from tests.formats.samples import GOLDEN

REWRITE = """
import sys
from kept.formats import keras_archive, weights_h5
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact

with open_artifact(sys.argv[1]) as stock:
    tensors = {path: NewTensor(found.shape, found.dtype, found.read) for path, found in stock.tensors.items()}
    assets = {name: asset.read() for name, asset in stock.assets.items()}
    parts = {"config": stock.config, "assets": assets, "attributes": stock.attributes}
    keras_archive.write("model.keras", tensors=tensors, metadata=lambda written: stock.metadata, **parts)
    weights_h5.write("model.weights.h5", tensors, stock.attributes, {"format": 1})
"""

COMPARE = """
import sys
import keras
import numpy as np

def values(model):
    kept = [*model.variables, *(model.optimizer.variables if getattr(model, "optimizer", None) else [])]
    return [np.asarray(keras.ops.convert_to_numpy(variable)).tobytes() for variable in kept]

stock, ours = keras.saving.load_model(sys.argv[1]), keras.saving.load_model("model.keras")
assert len(values(ours)) > 1 and values(stock) == values(ours)
fresh = keras.saving.load_model(sys.argv[1], compile=False)
fresh.load_weights("model.weights.h5")
assert values(fresh) == values(ours)[: len(values(fresh))]
print("equal")
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_stock_keras_loads_what_kept_writes(python, backend):
    require_backend(backend)
    file = str(GOLDEN / "keras_3_15_1" / "trained.keras")
    assert python("-c", REWRITE, file).err == ""
    done = python("-c", COMPARE, file, KERAS_BACKEND=backend)
    assert (done.code, done.out) == (0, "equal\n"), done.err


@pytest.mark.parametrize("name", ["bfloat16", "vocabulary"])
def test_stock_keras_loads_what_kept_writes_of_special_models(python, name):
    require_backend("tensorflow")
    file = str(GOLDEN / "keras_3_15_1" / f"{name}.keras")
    assert python("-c", REWRITE, file).err == ""
    done = python("-c", COMPARE.replace("> 1", "> 0"), file, KERAS_BACKEND="tensorflow")
    assert (done.code, done.out) == (0, "equal\n"), done.err


ADD = """
import sys
from kept.formats import legacy_h5
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact

with open_artifact("legacy.h5") as stock:
    tensors = {path: NewTensor.of(found.read().copy()) for path, found in stock.tensors.items()}
legacy_h5.add_kept("legacy.h5", config={}, metadata=lambda written: {}, tensors=tensors)
"""


def test_stock_keras_still_loads_a_legacy_file_with_kept_in_it(python):
    require_backend("jax")
    file = shutil.copy(GOLDEN / "keras_3_15_1" / "legacy.h5", python.folder / "legacy.h5")
    assert python("-c", ADD).err == ""
    load = "import keras, sys; print(keras.saving.load_model(sys.argv[1], compile=False).count_params())"
    assert python("-c", load, str(file), KERAS_BACKEND="jax").out == "37\n"


def test_the_formats_import_neither_keras_nor_a_backend(python):
    program = (
        "import sys; from kept.formats.base import open_artifact, formats; formats(); open_artifact(sys.argv[1]);"
        "print(sorted({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))"
    )
    assert python("-c", program, str(GOLDEN / "keras_3_15_1" / "bfloat16.keras")).out == "[]\n"
