"""A file that cannot be opened is a finding, whatever the reason."""

import pytest

from kept.errors import FormatError, UnsafeContentError
from kept.findings import Severity
from kept.formats import sharded_weights
from kept.rules import judge, rules
from kept.rules.subject import FileSubject
from tests.formats.samples import new_tensors
from tests.rules.integrity.judging import ARRAYS, archive, own_record, said, weights


def classes(base):
    return [base, *(one for below in base.__subclasses__() for one in classes(below))]


@pytest.mark.parametrize("failure", [*classes(FormatError)[1:], UnsafeContentError])
def test_every_reason_for_which_a_reader_refuses_a_file_is_a_finding(failure):
    subject = FileSubject("model.keras", failure=failure("is refused", path="model.keras", where="a"))
    found = judge(subject, (*rules("security"), *rules("integrity")))
    assert [one.severity in (Severity.ERROR, Severity.WARNING) for one in found] == [True]


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


def test_a_cut_file_is_damaged(tmp_path):
    file = archive(tmp_path / "model.keras")
    file.write_bytes(file.read_bytes()[:-30])
    assert list(said(file)) == ["damaged-file"]
