"""The conformance suite of formats notices what it is there for."""

import json

import h5py
import pytest

from kept.formats import safetensors
from kept.testing import FormatTests
from tests.formats.samples import new_tensors


class Safetensors(FormatTests):
    format = "safetensors"

    def write(self, path, tensors):
        safetensors.write(str(path), new_tensors(tensors))


class JsonWithSpaces(FormatTests):
    """One that is whole also where it is cut."""

    format = "architecture_json"
    tensors = {}  # noqa: RUF012

    def write(self, path, tensors):
        path.write_text(json.dumps({"class_name": "M", "config": {}}) + " ")


class Unchecked(FormatTests):
    """One that claims checksums it has not."""

    format = "weights_h5"
    checked = True

    def write(self, path, tensors):
        with h5py.File(path, "w") as store:
            for name, array in tensors.items():
                store[name] = array


class Forgetful(Safetensors):
    def write(self, path, tensors):
        super().write(path, {name: array + array for name, array in tensors.items()})


def example_of(suite, folder):
    path = folder / suite.name
    suite.write(path, suite.tensors)
    return path


@pytest.mark.parametrize(
    ("suite", "test"),
    [
        (JsonWithSpaces(), "test_a_file_cut_at_any_byte_is_refused"),
        (Unchecked(), "test_a_flipped_bit_is_noticed_or_harmless"),
        (Safetensors(), "test_limits_are_kept"),  # it names none
        (Forgetful(), "test_what_is_written_is_read_back"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, FormatTests) else one,
)
def test_a_format_that_breaks_its_promise_fails(tmp_path, suite, test):
    with pytest.raises(AssertionError):
        getattr(suite, test)(example_of(suite, tmp_path))


def test_a_format_that_reads_tensors_when_it_is_opened_fails(tmp_path, monkeypatch):
    def greedy(source, data, tensors):
        source.read_at(data, source.nbytes)

    monkeypatch.setattr(safetensors, "_refuse_gaps", greedy)
    with pytest.raises(AssertionError):
        Safetensors().test_opening_reads_no_tensor(tmp_path, monkeypatch)


def test_a_format_that_believes_what_a_file_says_fails(tmp_path, monkeypatch):
    """One that allocates for the whole of what a header claims."""
    checked_shape = safetensors.checked_shape
    monkeypatch.setattr(safetensors, "checked_shape", lambda *a, **k: (bytes(32 << 20), checked_shape(*a, **k))[1])
    suite = Safetensors()
    with pytest.raises(AssertionError):
        suite.test_what_a_file_claims_is_not_believed(example_of(suite, tmp_path))


def test_an_error_of_another_kind_is_not_taken_for_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr(safetensors, "_refuse_gaps", lambda *_: 1 // 0)
    suite = Safetensors()
    with pytest.raises(ZeroDivisionError):
        suite.test_limits_are_kept(example_of(suite, tmp_path))
