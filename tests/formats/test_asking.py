"""Calls made at once: their order, their errors, and when they are given up."""

import threading
import time

import h5py
import pytest

from kept.formats.asking import Asking


def test_results_come_in_the_order_of_the_calls():
    slow_first = [lambda wait=wait: time.sleep(wait) or wait for wait in (0.05, 0.02, 0.0)]
    assert Asking(3, 10).all(slow_first) == [0.05, 0.02, 0.0]


def test_no_more_calls_are_made_at_a_time_than_were_allowed():
    running, most = [], []

    def call():
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()

    Asking(2, 10).all([call] * 9)
    assert max(most) == 2


def test_the_first_error_ends_it_and_the_rest_is_not_called():
    called = []

    def fail():
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        Asking(1, 10).all([fail, lambda: called.append(1)])
    assert called == []


def test_a_call_that_never_answers_is_given_up():
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        Asking(2, 0.2).all([lambda: 1, threading.Event().wait])
    assert 0.2 <= time.monotonic() - began < 2


def test_calls_that_wait_for_others_are_not_given_up_while_those_are_answered():
    asking = Asking(1, 0.3)
    calls = [lambda: time.sleep(0.1)] * 8
    beside = threading.Thread(target=asking.all, args=(calls,))
    beside.start()
    assert asking.all(calls) == [None] * 8
    beside.join()


def test_nothing_is_nothing():
    assert Asking(2, 10).all([]) == []


@pytest.mark.timeout(30)
def test_an_answer_that_hdf5_waits_for_does_not_wait_for_hdf5(tmp_path):
    held = [h5py.File(tmp_path / "a.h5", "w")]

    def leave_a_circle():
        circle = [held.pop()]
        circle.append(circle)
        del circle
        return len([[number] for number in range(5000)])

    with h5py._objects.phil:  # as it is while HDF5 reads from a file of Python's
        assert Asking(1, 5.0).all([leave_a_circle]) == [5000]
