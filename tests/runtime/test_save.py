"""`kept.save`, and `kept.load` in a process that never saw the code: the model that comes back is the one that was saved."""

import numpy as np
import pytest

from tests.runtime.models import HEAD, MODELS, ONLY_TENSORFLOW, PLAIN_LAYER

SAVE = """
import kept
from tests.runtime.observing import keep, observe, variables
keep(folder, x)
before = variables(model)
proof = kept.save(model, file)
assert variables(model) == before
result = observe(model, x) | {"proof": proof.outputs.value}
"""

LOAD = """
import kept
from tests.runtime.observing import kept_inputs, observe
try:
    model = kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
result = observe(model, kept_inputs(folder))
"""

SMALL = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(2)])\n"


def assert_equal(before, after, parts=("layers", "variables", "optimizer", "metrics")):
    for what in parts:
        assert after[what] == before[what], what
    for one, other in zip(before["outputs"], after["outputs"], strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-6 * max(1, np.abs(one).max()))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_equal_where_its_code_never_was(lab, name):
    before = lab.here(HEAD, MODELS[name], SAVE).result
    assert before["proof"] in ("equal", "close")
    assert_equal(before, lab.elsewhere(LOAD).result)


@pytest.mark.parametrize("name", ONLY_TENSORFLOW)
def test_a_model_of_tensorflow_comes_back_equal(tensorflow_lab, name):
    before = tensorflow_lab.here(HEAD, ONLY_TENSORFLOW[name], SAVE).result
    assert_equal(before, tensorflow_lab.elsewhere(LOAD).result)


def test_layers_in_64_bits_come_back_on_every_backend(lab):
    source = "model = keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype='float64'), layers.Dense(1)])\n"
    before = lab.here(HEAD, source, SAVE).result
    assert_equal(before, lab.elsewhere(LOAD).result)
