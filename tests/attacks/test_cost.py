"""What it costs to judge a small file that is made to cost much: measured in a process of its own."""

import io
import json
import pickle
import sys
import zipfile

import h5py
import numpy as np
import pytest

from tests.attacks.test_zip import archive

MIB = 1 << 20
MOST_NBYTES, MOST_SECONDS = 200 * MIB, 4.0  # of processor time; a busy machine counts twice
JUDGE = """
import sys, time
from kept.rules import judge, rules
from kept.scanning.reading import opened
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
modules = [*rules("security"), *rules("integrity")]
with opened(sys.argv[2]) as subject:
    judge(subject, modules)
before, started = peak(), time.process_time()
with opened(sys.argv[1]) as subject:
    found = judge(subject, modules)
used = time.process_time() - started
print(peak() - before, used, *sorted({one.rule for one in found}))
"""


def deflated(**members):
    return archive(method=zipfile.ZIP_DEFLATED, **members)


def hdf5(build):
    content = io.BytesIO()
    with h5py.File(content, "w") as store:
        build(store)
    return content.getvalue()


def config(layers):
    return json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": layers}}).encode()


def unwritten(store):
    for index in range(50):
        store.create_dataset(f"layers/d{index}/vars/0", (MIB,), "f4")


def packed_zeros(store):
    for index in range(10):
        store.create_dataset(f"layers/d{index}/vars/0", data=np.zeros(MIB, "f4"), compression="gzip")


def shared_text(store):
    store.create_group("layers/vars").attrs["name"] = ["x" * 60_000] * 500


def many_members():
    return archive([(f"assets/{number}", b"") for number in range(20_000)])


COSTLY = {
    "a weights member of zeros": deflated(**{"model.weights.h5": bytes(60 * MIB)}),
    "a config of one text": deflated(**{"config.json": b'{"a": "' + b"x" * (60 * MIB) + b'"}'}),
    "a config of spaces": deflated(**{"config.json": b" " * (15 * MIB) + b"{}"}),
    "a config of lists": deflated(**{"config.json": b'{"a": [' + b"[]," * 5_000_000 + b"1]}"}),
    "a config of nodes": deflated(**{"config.json": config([{"class_name": "D"}] * 45_000)}),
    "a long key above many nodes": deflated(
        **{
            "config.json": json.dumps(
                {"class_name": "D", "config": {"k" * 60_000: [{"class_name": "D"}] * 45_000}}
            ).encode()
        }
    ),
    "quotes without end": deflated(**{"config.json": b'{"a": ' + b'[{"b":' * 300 + b'"' + b'\\"' * 5_000_000}),
    "a number of many digits": deflated(**{"config.json": b'{"a": ' + b"9" * (10 * MIB) + b"}"}),
    "many members": many_members(),
    "tensors that are not there": hdf5(unwritten),
    "tensors of packed zeros": hdf5(packed_zeros),
    "one text in many attributes": hdf5(shared_text),
    "a pickle": pickle.dumps(["x" * 1000] * 100_000, 0),
    "an object header of nothing": b"\x89HDF\r\n\x1a\n" + bytes(MIB),
}

FOUND = {
    "a weights member of zeros": "damaged-file",
    "a config of one text": "resource-bomb",
    "a config of lists": "resource-bomb",
    "a long key above many nodes": "unreadable-file",
    "quotes without end": "unreadable-file",
    "a number of many digits": "damaged-file",
    "tensors that are not there": "resource-bomb",
    "a pickle": "pickled-data",
    "an object header of nothing": "damaged-file",
}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells how much memory a process used at most")
@pytest.mark.parametrize("name", COSTLY)
def test_a_small_file_costs_little(python, name):
    file, plain = python.folder / "model.keras", python.folder / "plain.keras"
    file.write_bytes(COSTLY[name])
    plain.write_bytes(archive())
    python.write("judge.py", JUDGE)
    kib, seconds, *rules = python("judge.py", str(file), str(plain)).out.split()
    assert int(kib) * 1024 < MOST_NBYTES
    assert float(seconds) < MOST_SECONDS
    assert FOUND.get(name) in (None, *rules)
