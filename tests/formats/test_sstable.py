"""Sorted tables: what is read, and every way in which one can be wrong."""

import pytest

from kept.errors import CorruptFileError, KeptError, LimitExceededError, UnsupportedVersionError
from kept.formats.source import Source
from kept.formats.tensorflow.crc32c import crc32c
from kept.formats.tensorflow.sstable import Table
from kept.limits import DEFAULT_LIMITS, Limits
from tests.formats.bundles import block, close_table, masked, table, varint

ENTRIES = {f"layer_with_weights-{index}/kernel".encode(): str(index).encode() * index for index in range(40)}


@pytest.fixture
def read(tmp_path):
    def run(data, limits=DEFAULT_LIMITS):
        (tmp_path / "x.index").write_bytes(data)
        with Source(tmp_path / "x.index") as source:
            return {key: bytes(value) for key, value in Table(source, limits)}

    return run


def resealed(body):
    """A block whose checksum is right whatever is in it."""
    return body + masked(body).to_bytes(4, "little")


def one_block(data):
    return close_table(data, [(b"z", varint(0) + varint(len(data) - 5))])


def test_keys_and_values_of_many_blocks_are_read(read):
    assert read(table(ENTRIES)) == ENTRIES
    assert read(table(ENTRIES, per_block=40)) == ENTRIES


def test_an_empty_table_is_empty(read):
    assert read(table({})) == {}


def test_what_the_sample_writes_is_compressed_by_prefixes():
    assert len(block(ENTRIES.items())) < len(block(ENTRIES.items(), restart_every=1))


@pytest.mark.parametrize("at", range(0, 300, 7))
def test_any_cut_is_refused(read, at):
    with pytest.raises(CorruptFileError):
        read(table(ENTRIES)[:-at] if at else b"")


def test_a_flipped_bit_in_a_block_is_its_checksum(read):
    data = bytearray(table(ENTRIES))
    data[20] ^= 1
    with pytest.raises(CorruptFileError, match="a block is damaged: its checksum is wrong"):
        read(bytes(data))


def test_compressed_blocks_are_refused_by_name(read):
    with pytest.raises(UnsupportedVersionError, match="a table with compressed blocks"):
        read(one_block(resealed(block([])[:-5] + b"\x01")))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\x00\x01\x01ab" + bytes(4) + b"\xff\xff\xff\x7f", "restarts in"),  # more restarts than bytes
        (b"\x05\x01\x01ab" + bytes(4) + b"\x01\x00\x00\x00", "reaches beyond"),  # shares with no key
        (b"\x00\x7f\x01ab" + bytes(4) + b"\x01\x00\x00\x00", "reaches beyond"),
        (b"\x00\x01\x7fab" + bytes(4) + b"\x01\x00\x00\x00", "reaches beyond"),
        (b"\x01\x00\x00", "restarts in"),
    ],
)
def test_entries_that_cannot_be_are_refused(read, body, said):
    with pytest.raises(KeptError) as caught:
        read(one_block(resealed(body + b"\0")))
    assert said in str(caught.value)


def test_a_key_that_stands_twice_is_refused(read):
    with pytest.raises(CorruptFileError, match="keys are not in order"):
        read(one_block(block([(b"a", b"1"), (b"a", b"2")])))


def test_blocks_that_overlap_are_refused(read):
    data = block([(b"a", b"1")])
    index = [(b"a", varint(0) + varint(len(data) - 5))] * 2
    with pytest.raises(CorruptFileError, match="blocks overlap, or leave a gap"):
        read(close_table(data, [index[0], (b"b", index[0][1])]))


def test_bytes_of_no_block_are_refused(read):
    data = block([(b"a", b"1")])
    with pytest.raises(CorruptFileError, match="leave a gap"):
        read(close_table(data + b"hidden", [(b"a", varint(0) + varint(len(data) - 5))]))


def test_keys_that_grow_out_of_nothing_are_limited(read):
    """Each entry costs a few bytes and repeats the whole key before it."""
    entries = [(b"a" * 4000 + index.to_bytes(2, "big"), b"") for index in range(1000)]
    data = table(dict(entries), per_block=1000)
    with pytest.raises(LimitExceededError, match="bytes of keys"):
        read(data, Limits(directory_bytes=2_000_000))


def test_a_long_key_is_limited(read):
    with pytest.raises(LimitExceededError, match="4096 bytes of one key"):
        read(table({b"a" * 4097: b""}))


def test_the_checksum_covers_the_kind_of_compression():
    made = block([(b"a", b"1")])
    assert int.from_bytes(made[-4:], "little") == masked(made[:-4])
    assert crc32c(made[:-4]) != crc32c(made[:-5])
