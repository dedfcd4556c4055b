"""The verifying process is never waited for longer than was asked for."""

import os
import signal
import time

import numpy as np
import pytest

from kept.errors import VerificationError
from kept.runtime import prover as module

LARGE = np.zeros(1 << 22)  # more than any pipe takes at once


@pytest.fixture
def prover():
    made = module.Prover()
    yield made
    made.close()


def test_a_process_that_stops_reading_is_ended_in_time(prover):
    os.kill(prover._process.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(VerificationError, match="no answer in time"):
        prover.ask({"file": "none"}, [LARGE], 0.5)
    assert time.monotonic() - began < 10
    assert not prover.usable


def test_an_interrupted_question_leaves_no_answer_for_the_next(prover, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.wire, "receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prover.ask({"file": "none"}, [], 60)
    assert not prover.usable


def test_a_process_that_dies_is_told_of_at_once(prover):
    os.kill(prover._process.pid, signal.SIGKILL)
    with pytest.raises(VerificationError, match="died"):
        prover.ask({"file": "none"}, [LARGE], 60)
