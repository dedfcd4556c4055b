"""The bytes of a tensor in pieces are those of the whole."""

import pytest

from kept.formats import pieces
from kept.formats.artifact import checksum
from kept.formats.base import open_artifact
from tests.formats.samples import ARRAYS, write_sample


@pytest.fixture
def opened(tmp_path):
    write_sample(tmp_path / "a.keras")
    with open_artifact(tmp_path / "a.keras") as artifact:
        yield artifact.tensors


@pytest.mark.parametrize("path", ARRAYS)
def test_a_checksum_in_pieces_is_that_of_the_whole(path, opened, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_NBYTES", 64)
    assert pieces.checksum_of(opened[path]) == opened[path].checksum() == checksum(ARRAYS[path])


@pytest.mark.parametrize("path", ARRAYS)
def test_a_part_of_a_tensor_is_that_of_the_whole(path, opened, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_NBYTES", 7)
    whole = b"".join(map(bytes, pieces.pieces(opened[path])))
    assert b"".join(map(bytes, pieces.pieces(opened[path], 3, 19))) == whole[3:19]
