"""What the page on checkpoints shows is what happens."""

import os
import re
import signal
import subprocess
import sys
import time

from tests.conftest import QUIET, ROOT, require_backend

PAGE = (ROOT / "docs" / "checkpoints.md").read_text()
EXAMPLE = ROOT / "examples" / "resumed_training.py"
LOOP = """
import os
import keras, numpy as np
import kept
os.chdir(folder)
keras.utils.set_random_seed(1)
def make_model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model
def batches(epoch):
    yield from [(np.ones((4, 2)), np.ones((4, 1)))] * 3
"""


def test_the_loop_of_the_page_trains_and_has_nothing_left_to_do_when_it_runs_again(one_lab):
    shown = re.search(r"<!-- loop -->\n```python\n(.*?)```", PAGE, re.DOTALL)[1]
    script = [LOOP, shown, "first = at.path", shown, "result = [first, at.epoch, at.steps, len(at.history['loss'])]"]
    assert one_lab.here(*script).result == [None, 10, 30, 10]


def test_every_argument_of_a_checkpoint_that_the_page_names_is_one(one_lab):
    named = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.split("## What goes on")[0], re.MULTILINE)
    names = [name for row in named for name in re.findall(r"\w+", row)]
    script = "import inspect, kept\nresult = list(inspect.signature(kept.Checkpoint).parameters)"
    assert len(names) == 8
    assert set(names) <= set(one_lab.here(script).result)


def start(folder):
    environment = {**os.environ, **QUIET, "KERAS_BACKEND": "torch", "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        [sys.executable, str(EXAMPLE), str(folder)], env=environment, text=True, stdout=subprocess.PIPE
    )


def test_the_example_ends_the_same_when_it_was_killed(tmp_path):
    require_backend("torch")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    process = start(killed)
    limit = time.monotonic() + 120
    while not list(killed.glob("*/*.keras")) and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    resumed, uninterrupted = (start(one).communicate(timeout=200)[0] for one in (killed, whole))
    assert resumed == uninterrupted
    assert resumed.startswith("loss ")
