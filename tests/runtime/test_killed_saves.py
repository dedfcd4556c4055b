"""kill -9 at any moment, and two who save to one path: there is one whole file, and nothing else."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from kept.formats import target
from tests.conftest import QUIET, ROOT
from tests.runtime.failing import quickest

KILLS = 20
KINDS = [  # level, whether after the first save, seconds
    ("none", True, 0.1),
    ("outputs", False, 1.5),
    ("none", False, 0.3),
    ("outputs", True, 0.3),
    ("none", True, 0.05),
]
SAVES = 6
PATIENCE_S = 10

MODELS = """
import os, signal, sys, time
import keras, numpy as np
import kept
from kept.runtime import save

def model(fill):
    built = keras.Sequential([keras.Input((50,), name="x"), keras.layers.Dense(200, name="dense")], name="model")
    built.set_weights([np.full(one.shape, fill, "float32") for one in built.get_weights()])
    return built
"""
MAKE = """
for count, (fill, level) in enumerate([(1.0, "outputs"), (2.0, "outputs"), (1.0, False), (2.0, False)]):
    path = os.path.join(sys.argv[1], f"{count}.keras")
    kept.save(model(fill), path, verify=level)
    assert np.all(kept.load(path).get_weights()[0] == fill)
"""
SERVE = """
for line in sys.stdin:
    path, level = line.split()
    if (pid := os.fork()) == 0:
        models, count = [model(1.0), model(2.0)], 0
        print(os.getpid(), flush=True)
        while True:
            count += 1
            kept.save(models[count % 2], path, verify=level != "none" and level)
            if count == 1:
                print("saved", flush=True)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print("ended", code, flush=True)
"""
RACE = """
mine = model(float(sys.argv[2]))
for _ in range(int(sys.argv[3])):
    kept.save(mine, sys.argv[1])
"""
HANGS = """
HOME = os.getpid()

class Hangs(keras.layers.Layer):
    def __init__(self, home=0, **options):
        super().__init__(**options)
        self.home = home
        if home != os.getpid():
            open(os.path.join(os.path.dirname(__file__), "hangs"), "w").close()
            time.sleep(600)
    def call(self, x):
        return x

if __name__ == "__main__":
    from kept.runtime import wire
    real = wire.send
    wire.send = lambda *question: (real(*question), print("asked", flush=True))
    kept.save(keras.Sequential([keras.Input((3,)), Hangs(HOME)]), sys.argv[1], verify="weights")
"""


@pytest.fixture
def mark():
    """What tells the processes of one test from all others: a word in their environment."""
    return uuid.uuid4().hex


def start(folder, code, *arguments, mark=""):
    script = folder / f"script_{abs(hash(code))}.py"
    script.write_text(MODELS + code)
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT / "src"), "KERAS_BACKEND": quickest(), "MARK": mark}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen([sys.executable, str(script), *map(str, arguments)], env=environment, text=True, **pipes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of each of two models, proven and not; the same model gives the same bytes in every process."""
    folder = tmp_path_factory.mktemp("whole")
    with start(folder, MAKE, folder) as process:
        assert process.wait(timeout=120) == 0
    return [path.read_bytes() for path in sorted(folder.glob("*.keras"))]


def marked(mark):
    """Process numbers of the living that carry a mark."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"MARK={mark}".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def orphans(mark):
    """Those still there after a while."""
    end = time.monotonic() + PATIENCE_S
    while (left := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def kill_at(server, path, level, warm, delay):
    """Lets a process save again and again, kills it, and returns how it ended."""
    print(path, level, file=server.stdin, flush=True)
    saver = int(server.stdout.readline())
    if warm:
        assert server.stdout.readline() == "saved\n"
    time.sleep(delay)
    os.kill(saver, signal.SIGKILL)
    while (line := server.stdout.readline()) == "saved\n":
        pass
    return line.split()


def test_kill_9_at_any_moment_leaves_one_whole_file_and_no_process(tmp_path, whole, mark):
    if target.open_unnamed(str(tmp_path)) is None:
        pytest.skip("this file system has no O_TMPFILE")
    moments = random.Random(KILLS)
    found = set()
    with start(tmp_path, SERVE, mark=mark) as server:
        for count in range(KILLS):
            level, warm, longest = KINDS[count % len(KINDS)]
            path = tmp_path / f"models_{count}" / "model.keras"
            path.parent.mkdir()
            path.write_bytes(whole[0])
            assert kill_at(server, path, level, warm, moments.uniform(0, longest)) == ["ended", "-9"]
            assert os.listdir(path.parent) == ["model.keras"]
            found.add(path.read_bytes())
    assert len(found) > 2
    assert found <= set(whole)
    assert orphans(mark) == []


def test_kill_9_during_a_proof_that_hangs_leaves_no_process(tmp_path, mark):
    path = tmp_path / "models" / "model.keras"
    path.parent.mkdir()
    path.write_bytes(b"old")
    with start(tmp_path, HANGS, path, mark=mark) as saver:
        while not (tmp_path / "hangs").exists():
            assert saver.poll() is None
            time.sleep(0.02)
        assert len(marked(mark)) > 1
        saver.kill()
    assert orphans(mark) == []
    assert (os.listdir(path.parent), path.read_bytes()) == (["model.keras"], b"old")


def test_kill_9_before_the_verifying_process_has_started_leaves_no_process(tmp_path, mark):
    path = tmp_path / "model.keras"
    with start(tmp_path, HANGS, path, mark=mark) as saver:
        assert saver.stdout.readline() == "asked\n"  # and who is asked still imports Keras
        saver.kill()
    assert orphans(mark) == []
    assert not path.exists()


def test_of_two_processes_that_save_to_one_path_one_whole_file_wins_each_time(tmp_path, whole):
    path = tmp_path / "models" / "model.keras"
    path.parent.mkdir()
    path.write_bytes(whole[0])
    seen = set()
    with start(tmp_path, RACE, path, 1.0, SAVES) as one, start(tmp_path, RACE, path, 2.0, SAVES) as other:
        while one.poll() is None or other.poll() is None:
            seen.add(path.read_bytes())
            time.sleep(0.002)
    assert (one.returncode, other.returncode) == (0, 0)
    assert seen <= set(whole)
    assert path.read_bytes() in whole
    assert os.listdir(path.parent) == ["model.keras"]
