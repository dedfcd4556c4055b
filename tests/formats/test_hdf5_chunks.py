"""Filtered pieces are read as HDF5 itself reads them."""

import h5py
import numpy as np
import pytest

from kept.formats.hdf5.chunks import read_filtered

SHAPES = [((1000,), (64,)), ((37, 53), (8, 16)), ((5, 7, 9), (5, 7, 9)), ((1,), (1,))]
FILTERS = [
    {"compression": "gzip"},
    {"shuffle": True},
    {"fletcher32": True},
    {"shuffle": True, "compression": "gzip", "fletcher32": True},
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters))
@pytest.mark.parametrize("dtype", ["f4", ">i4", "u1", "?", "c8", ">u2"])
@pytest.mark.parametrize(("shape", "chunks"), SHAPES)
def test_values_are_those_of_hdf5(tmp_path, shape, chunks, dtype, filters):
    values = (np.random.default_rng(7).random(shape) * 100).astype(dtype)
    with h5py.File(tmp_path / "x.h5", "w") as store:
        dataset = store.create_dataset("x", data=values, chunks=chunks, **filters)
        assert np.array_equal(read_filtered(dataset.id, dataset.dtype), values)


def test_pieces_that_were_never_written_hold_the_fill_value(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as store:
        dataset = store.create_dataset("x", (100,), "f4", chunks=(10,), compression="gzip", fillvalue=3.5)
        dataset[5:15] = 1
        assert np.array_equal(read_filtered(dataset.id, dataset.dtype), dataset[()])


def test_a_long_checksum_is_that_of_hdf5(tmp_path):
    values = np.full(300_001, 0xFF, "u1")
    with h5py.File(tmp_path / "x.h5", "w") as store:
        dataset = store.create_dataset("x", data=values, chunks=values.shape, fletcher32=True)
        assert np.array_equal(read_filtered(dataset.id, dataset.dtype), values)
