"""CRC-32C against its published test values, and the lanes against one byte at a time."""

import numpy as np
import pytest

from kept.formats.tensorflow.crc32c import crc32c, unmasked

RANDOM = np.random.default_rng(0).integers(0, 256, 3 << 20, "uint8").tobytes()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_the_values_that_are_published(data, expected):
    assert crc32c(data) == expected


@pytest.mark.parametrize("nbytes", [1, 4095, 4096, 4097, 10_001, 1 << 20, (1 << 20) + 4099, 3 << 20])
def test_pieces_in_a_row_give_the_checksum_of_the_whole(nbytes):
    byte_by_byte = 0
    for start in range(0, nbytes, 4000):  # too short for lanes
        byte_by_byte = crc32c(RANDOM[start : min(start + 4000, nbytes)], byte_by_byte)
    assert crc32c(RANDOM[:nbytes]) == byte_by_byte


def test_a_masked_checksum_is_unmasked():
    assert unmasked(((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF) == 0xE3069283
