"""How much memory saving and loading take, by the account of the operating system."""

import re
import sys

import pytest

from tests.conftest import require_backend

WEIGHTS_MB = 256
HEAD = """
import os, re, sys
import keras, kept

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

def taken(work):
    open("/proc/self/clear_refs", "w").write("5")
    before = peak()
    kept_alive = work()
    print("taken", round(peak() - before))
    return kept_alive

def pss():
    return int(re.search(r"Pss:\\s+(\\d+)", open("/proc/self/smaps_rollup").read())[1]) / 1024
"""
SAVE = """
model = keras.Sequential([keras.Input((4096,)), *(keras.layers.Dense(4096, use_bias=False) for _ in range(4))])
kept.save(keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]), "small.keras", verify=False)
taken(lambda: kept.save(model, "model.keras", verify=False))
"""
LOAD = """
kept.load("small.keras")
model = taken(lambda: kept.load("model.keras"))
print("used", float(keras.ops.sum(model.weights[0])) != 0)
"""
MAP = """
kept.load("small.keras")
before = pss()
model = kept.load("model.keras", mmap=True)
print("loaded", flush=True)
sys.stdin.readline()
print("share", round(pss() - before), flush=True)
sys.stdin.readline()
"""
ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(params=["torch", "jax", "tensorflow"])
def backend(request, python):
    require_backend(request.param)
    return {"KERAS_BACKEND": request.param}


def told(output, what):
    return int(re.search(rf"{what} (\d+)", output)[1])


@ONLY_LINUX
def test_saving_and_loading_take_the_memory_of_the_weights_and_a_little(python, backend):
    python.write("save.py", HEAD + SAVE)
    saved = python("save.py", **backend)
    python.write("load.py", HEAD + LOAD)
    loaded = python("load.py", **backend)
    assert (saved.code, loaded.code) == (0, 0), saved.err + loaded.err
    assert told(saved.out, "taken") < 80
    assert WEIGHTS_MB * 0.9 < told(loaded.out, "taken") < WEIGHTS_MB + 80


@ONLY_LINUX
def test_processes_that_map_a_file_share_its_memory(python, backend):
    python.write("save.py", HEAD + SAVE)
    assert python("save.py", **backend).code == 0
    python.write("map.py", HEAD + MAP)
    workers = [python.started("map.py", **backend) for _ in range(2)]
    for worker in workers:
        assert worker.stdout.readline() == "loaded\n"
    shares = []
    for worker in workers:
        worker.stdin.write("now\n")
        worker.stdin.flush()
        shares.append(told(worker.stdout.readline(), "share"))
    for worker in workers:
        worker.communicate("done\n")
    assert max(shares) < WEIGHTS_MB * 0.7
