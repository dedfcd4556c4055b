"""A file that cannot be opened is a finding, whatever the reason."""

import os

import pytest

from kept import errors
from kept.errors import FormatError, KeptError, UnsafeContentError
from kept.findings import Severity
from kept.formats import sharded_weights
from kept.rules import judge, rules
from kept.rules.subject import FileSubject
from kept.scanning.reading import opened
from tests.formats.samples import new_tensors
from tests.rules.integrity.judging import ARRAYS, archive, own_record, said, weights


def classes(base):
    return [base, *(one for below in base.__subclasses__() for one in classes(below))]


@pytest.mark.parametrize("name", ["FormatError", "LimitExceededError", "MissingDependencyError", "KeptError"])
def test_there_is_such_an_error(name):
    assert issubclass(getattr(errors, name), KeptError)


@pytest.mark.parametrize("failure", [*classes(FormatError)[1:], UnsafeContentError])
def test_every_reason_for_which_a_reader_refuses_a_file_is_a_finding(failure):
    subject = FileSubject("model.keras", failure=failure("is refused", path="model.keras", where="a"))
    found = judge(subject, (*rules("security"), *rules("integrity")))
    assert [one.severity for one in found] == [Severity.ERROR]


def test_a_missing_shard_is_named(tmp_path):
    index = tmp_path / "m.weights.json"
    sharded_weights.write(str(index), new_tensors(ARRAYS), {}, own_record, shard_nbytes=48)
    assert said(index) == {}
    for name in ("m_00000.weights.h5", "m_00001.weights.h5"):
        (tmp_path / name).unlink()
    assert said(index) == {"missing-shard": ("m_00000.weights.h5", "m_00001.weights.h5")}


def test_a_folder_that_lacks_a_part_is_no_damaged_file(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    weights(tmp_path / "model.weights.h5")
    assert list(said(tmp_path)) == ["missing-shard"]


@pytest.mark.parametrize(("name", "severity"), [("notes.txt", "note"), ("model.keras", "error"), ("MODEL.H5", "error")])
def test_an_unknown_format_is_an_error_where_the_name_is_that_of_a_model(tmp_path, name, severity):
    (tmp_path / name).write_text("something else")
    with opened(tmp_path / name) as subject:
        (found,) = judge(subject, rules("integrity"))
    assert (found.rule, found.severity.value) == ("unknown-format", severity)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path):
    file = archive(tmp_path / "model.keras")
    file.chmod(0)
    assert said(file) == {"unreadable": ()}


def test_a_link_that_goes_round_is_unreadable(tmp_path):
    (tmp_path / "model.keras").symlink_to("model.keras")
    assert list(said(tmp_path / "model.keras")) == ["unreadable"]


def test_a_newer_version_is_an_error(tmp_path):
    assert said(archive(tmp_path / "model.keras", record=lambda written: {"format": 99})) == {
        "newer-version": ("metadata.json",)
    }


def test_a_cut_file_is_damaged(tmp_path):
    file = archive(tmp_path / "model.keras")
    file.write_bytes(file.read_bytes()[:-30])
    assert list(said(file)) == ["damaged-file"]
