"""What people train every day is kept: proven with its next step, and the same in a process that knows nothing of it."""

import pytest

from tests.runtime.everyday import EVERYDAY, HEAD

SEEN = "logs = model.evaluate(x, y, verbose=0, return_dict=True)\nresult = {name: float(value) for name, value in logs.items()}\n"  # fmt: skip
SAVE = "import kept\nproof = kept.save(model, file, verify='resume')\n" + SEEN + "result = [proof.outputs.value, proof.resume.value, proof.resume_note, result]\n"  # fmt: skip
LOAD = """
import kept
try:
    model = kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
"""


@pytest.mark.parametrize("name", EVERYDAY)
def test_it_comes_back_and_trains_on(name, lab):
    data, script = EVERYDAY[name]
    outputs, resumed, note, logs = lab.here(HEAD, data, script, SAVE).result
    no_step = name == "evaluated and never trained" and "train one step first" in note  # TensorFlow has no slots yet
    assert (outputs, resumed) == ("equal", "not compared" if no_step else "equal"), note
    assert lab.elsewhere(HEAD, data, LOAD, SEEN).result == pytest.approx(logs, rel=1e-5, abs=1e-6)
