"""The checksum of HDF5's structure, one piece and many."""

import random

import h5py

from kept.formats.hdf5.sums import lookup3, sums


def test_the_sum_is_the_one_that_the_author_of_lookup3_gives():
    assert lookup3(b"Four score and seven years ago") == 0x17770551


def test_the_sum_of_many_pieces_is_that_of_each():
    numbers = random.Random(3)
    pieces = [numbers.randbytes(numbers.choice([1, 11, 12, 13, 24, 25, 300, 5000])) for _ in range(100)]
    assert sums(pieces) == [lookup3(piece) for piece in pieces]


def test_the_sum_is_that_which_hdf5_writes(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w", libver="v108") as store:
        store["vars/0"] = [1.0]
    content = (tmp_path / "x.h5").read_bytes()
    assert lookup3(content[:44]) == int.from_bytes(content[44:48], "little")
