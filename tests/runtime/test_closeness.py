"""How far apart outputs may lie: by device, by the type in which a model computes, and by the versions."""

import numpy as np
import pytest

from kept.proof import Outcome
from kept.runtime.closeness import outputs_verdict, tolerance


def test_one_cpu_computes_alike_and_another_nearly():
    assert tolerance("cpu", "cpu", "bfloat16") == 1e-6
    assert tolerance("cpu", "cpu", "float32", recorded=True) == 1e-5
    assert tolerance("cpu", "cpu", "float32", recorded=True, same_stack=False) == 1e-3


@pytest.mark.parametrize(
    ("precision", "measured"),
    # The largest seen on an H200 beside a CPU: transformers and ResNet50, on JAX and Torch.
    [("float32", 1.4e-3), ("float16", 2.0e-3), ("bfloat16", 1.8e-2)],
)
def test_an_accelerator_may_round_as_its_type_does_and_not_much_more(precision, measured):
    for before, after in (("cuda", "cpu"), ("cpu", "gpu"), ("cuda", "cuda")):
        assert 3 * measured < tolerance(before, after, precision) < 6 * measured


def test_a_type_without_rounding_is_no_reason_for_more():
    assert tolerance("cuda", "cpu", "float64") == 1e-3


def test_however_coarse_the_type_half_of_a_value_is_never_close():
    outputs = [np.array([1.0, 2.0], "float32")]
    near = tolerance("cuda", "cpu", "float8")
    assert outputs_verdict(outputs, [outputs[0] * 1.1], near)[0] is Outcome.CLOSE
    assert outputs_verdict(outputs, [outputs[0] * 0.5], near)[0] is Outcome.DIFFERENT


def test_the_narrowest_type_of_a_layer_is_the_precision_of_its_model(torch_lab):
    script = (
        "import keras\nfrom kept.runtime.trial import precision\n"
        "def model(*types):\n"
        "    return keras.Sequential([keras.Input((3,)), *(keras.layers.Dense(2, dtype=one) for one in types)])\n"
        "result = [precision(model(*types)) for types in GIVEN]\n"
    )
    given = [["float32"], ["mixed_float16", "float32"], ["float32", "mixed_bfloat16"], ["bfloat16", "float16"]]
    expected = ["float32", "float16", "bfloat16", "bfloat16"]
    assert torch_lab.here(f"GIVEN = {given}\n", script).result == expected
