"""`kept.save_saved_model`: TensorFlow serves the folder, and the trainable model is in it."""

import shutil

import pytest

from tests.conftest import require_backend
from tests.formats.samples import GOLDEN
from tests.runtime.laboratory import Lab
from tests.runtime.models import HEAD, PLAIN_LAYER, STEP

NET = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(4), layers.Dense(2)])\n"
TRAINED = NET + "model.compile('adam', 'mse')\n" + STEP
SAVE = """
import kept
from tests.runtime.observing import keep, observe
keep(folder, x)
kept.save_saved_model(model, folder + "/served")
result = observe(model, x)
"""
SERVE = """
import numpy as np, tensorflow as tf
from tests.runtime.observing import kept_inputs
served = tf.saved_model.load(folder + "/served")
result = np.asarray(served.serve(kept_inputs(folder))).ravel().tolist()
"""
LOAD = """
import kept
from tests.runtime.observing import kept_inputs, observe
try:
    model = kept.load(folder + "/served")
except kept.UntrustedCodeError as error:
    model = kept.load(folder + "/served", trusted=error.required)
model.fit(kept_inputs(folder), kept_inputs(folder)[:, :2], verbose=0) if model.compiled else None
result = observe(kept.load(folder + "/served", trusted=error.required), kept_inputs(folder))
"""


@pytest.fixture
def served(tensorflow_lab):
    """A folder that was saved, and what the model was."""
    return tensorflow_lab, tensorflow_lab.here(TRAINED, SAVE).result


def test_tensorflow_serves_equal_outputs(served):
    lab, before = served
    assert lab.elsewhere(SERVE).result == pytest.approx(before["outputs"][0], abs=1e-5)


def test_outputs_of_low_precision_are_proven(tensorflow_lab):
    low = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype='mixed_bfloat16')])\n"
    saved = "import kept\nresult = kept.save_saved_model(model, folder + '/low').level.value\n"
    assert tensorflow_lab.here(low, saved).result == "outputs"


def test_kept_loads_the_trainable_model(served):
    lab, before = served
    load = LOAD.replace(
        "except kept.UntrustedCodeError as error:", "except kept.UntrustedCodeError as caught:\n    error = caught"
    )
    after = lab.elsewhere(load).result
    assert (after["variables"], after["optimizer"]) == (before["variables"], before["optimizer"])


def test_the_folder_verifies(served):
    lab, _ = served
    trusting = "import kept\ntry:\n    kept.verify(folder + '/served')\nexcept kept.UntrustedCodeError as error:\n"
    assert lab.here(trusting + "    result = kept.verify(folder + '/served', trusted=error.required).holds").result


def test_a_folder_that_kept_did_not_write_is_refused_with_a_way_out(tensorflow_lab):
    shutil.copytree(GOLDEN / "keras_3_15_1" / "saved_model", tensorflow_lab.folder / "served")
    error = tensorflow_lab.elsewhere("import kept\nkept.load(folder + '/served')").error
    assert error["type"] == "UnsupportedVersionError"
    assert "inference=True" in error["text"]


def test_a_folder_that_kept_did_not_write_predicts_where_that_is_enough(tensorflow_lab):
    shutil.copytree(GOLDEN / "keras_3_15_1" / "saved_model", tensorflow_lab.folder / "served")
    load = "import kept, numpy as np\nmodel = kept.load(folder + '/served', inference=True)\n"
    answer = tensorflow_lab.elsewhere(load, "result = list(model(np.ones((2, 3), 'float32')).shape)")
    assert answer.result == [2, 1]
    assert any("can only predict" in one for one in answer.warnings)


def test_a_folder_that_is_no_model_is_never_replaced(tensorflow_lab):
    precious = tensorflow_lab.folder / "served" / "precious"
    precious.parent.mkdir()
    precious.write_text("mine")
    assert tensorflow_lab.here(NET, SAVE).error["type"] == "WriteError"
    assert precious.read_text() == "mine"


def test_a_saved_model_is_replaced_whole(served):
    lab, _ = served
    stray = lab.folder / "served" / "stray"
    stray.write_text("old")
    lab.here(NET, SAVE).result  # noqa: B018
    assert not stray.exists()
    assert {path.name for path in lab.folder.iterdir()} == {"script_saves.py", "inputs", "served"}


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_is_refused_with_a_way_out(laboratory, tmp_path, backend):
    require_backend(backend)
    error = Lab(laboratory, backend, tmp_path).here(NET, SAVE).error
    assert (error["type"], ".keras" in error["text"]) == ("SerializationError", True)


def test_the_optimizer_can_be_left_out(tensorflow_lab):
    save = "import kept\nkept.save_saved_model(model, folder + '/served', include_optimizer=False)\n"
    load = (
        "import kept\nmodel = kept.load(folder + '/served', custom_objects={'Scale': Scale})\nresult = model.compiled\n"
    )
    assert tensorflow_lab.here(TRAINED, save, "result = model.compiled\n").result is True
    assert tensorflow_lab.elsewhere(HEAD, PLAIN_LAYER, load).result is False
