"""Whether two files are the same to the byte."""

import shutil

import pytest

from kept.comparing.identical import identical
from kept.formats.source import Source

CONTENT = bytes(range(256)) * 5000  # more than one step


@pytest.fixture
def files(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(CONTENT)
    b.write_bytes(CONTENT)
    return a, b


def test_the_same_bytes_are_identical(files):
    assert identical(*files)


def test_a_file_and_a_link_to_it_are_identical_unread(files, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(files[0])
    monkeypatch.setattr("kept.comparing.identical.Source", None)
    assert identical(files[0], tmp_path / "link")


@pytest.mark.parametrize("at", [0, 1, 600_000, len(CONTENT) - 1])
def test_one_other_byte_anywhere_is_found(files, at):
    changed = bytearray(CONTENT)
    changed[at] ^= 1
    files[1].write_bytes(changed)
    assert not identical(*files)


def test_another_length_is_found(files):
    files[1].write_bytes(CONTENT[:-1])
    assert not identical(*files)


def test_the_end_is_read_first(files, monkeypatch):
    files[1].write_bytes(CONTENT[:-1] + b"x")
    read, plainly = [], Source.read_into
    monkeypatch.setattr(Source, "read_into", lambda self, at, buffer: (read.append(at), plainly(self, at, buffer)))
    assert not identical(*files)
    assert set(read) == {len(CONTENT) // (1 << 19) * (1 << 19)}


def test_folders_of_the_same_content_are_looked_at_elsewhere(tmp_path):
    (tmp_path / "one").mkdir()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert not identical(tmp_path / "one", tmp_path / "two")
    assert identical(tmp_path / "one", tmp_path / "one")
