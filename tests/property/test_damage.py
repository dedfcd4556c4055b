"""A file that is cut or changed anywhere never crashes, hangs or fills the memory, nor passes with other tensors.

`python -m tests.property.damage` tries every byte; here are some of each file, the same ones each time.
"""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.findings import Severity
from tests.conftest import ROOT
from tests.property.damage import CHECKED, SAMPLES, changes, judged, tensors_in

HALVES = (sorted(SAMPLES)[::2], sorted(SAMPLES)[1::2])


@pytest.mark.parametrize("names", HALVES, ids=["some", "others"])
def test_nothing_worse_than_a_finding_comes_of_a_damaged_file(names, python):
    ended = python(
        "-X", "faulthandler", "-m", "tests.property.damage", "--count", "70", *names, PYTHONPATH=f"{ROOT}/src:{ROOT}"
    )
    assert (ended.code, ended.out) == (0, ""), ended.err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(CHECKED - {"archive of Keras"})), data=st.data())
def test_tensors_that_are_others_are_always_an_error(name, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        SAMPLES[name](path)
        honest = tensors_in(path)
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        content = bytearray((file := data.draw(st.sampled_from(files))).read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at : at + 8] = data.draw(st.binary(max_size=12))
        file.write_bytes(content)
        is_refused = any(one.severity is Severity.ERROR for one in judged(path))
        assert is_refused or tensors_in(path) in (None, honest)


def test_a_change_is_one_byte_or_a_cut():
    content = bytes(range(40))
    for changed in changes(content, None, random.Random(1)):
        same = [a == b for a, b in zip(content, changed, strict=False)]
        assert same.count(False) == 1 if len(changed) == len(content) else all(same)
