"""What the plain reader says of a file is what HDF5 says of it, or that the file is not plain."""

import random
import struct
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.formats import keras_archive, legacy_h5, weights_h5
from kept.formats.base import open_artifact
from kept.formats.hdf5 import Hdf5, plain, stretch
from kept.formats.hdf5.plain import PlainHdf5
from kept.formats.hdf5.stretch import OUTSIDE
from kept.formats.hdf5.sums import lookup3
from kept.formats.source import Source
from kept.limits import DEFAULT_LIMITS, Limits
from tests.formats.hdf5_files import NOT_PLAIN, by_hdf5, early, late, plainly
from tests.formats.samples import ARRAYS, GOLDEN, NAMES, new_tensors, record, write_sample

FILES = sorted([*GOLDEN.glob("keras*/*.h5"), *GOLDEN.glob("keras*/*.keras")])


def hdf5_in(file, folder):
    """The weights of an archive as a file of their own, or the file."""
    if file.suffix != ".keras":
        return file
    with zipfile.ZipFile(file) as archive:
        (folder / "weights.h5").write_bytes(archive.read("model.weights.h5"))
    return folder / "weights.h5"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_files_of_keras_are_plain_and_read_as_hdf5_reads_them(file, tmp_path):
    weights = hdf5_in(file, tmp_path)
    assert plainly(weights) == by_hdf5(weights) != NOT_PLAIN


def test_weights_of_kept_are_plain_and_read_as_hdf5_reads_them(tmp_path):
    weights_h5.write(str(tmp_path / "w.h5"), new_tensors(ARRAYS), NAMES, lambda written: record(written)["kept"])
    found = plainly(tmp_path / "w.h5")
    assert found == by_hdf5(tmp_path / "w.h5")
    assert dict(found[0]).keys() == ARRAYS.keys() | {"_kept/record"}


def test_the_weights_in_an_archive_of_kept_are_plain_where_they_lie(tmp_path):
    write_sample(tmp_path / "m.keras")
    with open_artifact(tmp_path / "m.keras") as artifact:
        start, nbytes = artifact.extras["weights_start"], artifact.extras["weights_nbytes"]
        offsets = {path: tensor.offset for path, tensor in artifact.tensors.items()}
    found = plainly(tmp_path / "m.keras", start, nbytes)
    assert found == by_hdf5(tmp_path / "m.keras", start, nbytes)
    assert {path: tensor.offset for path, tensor in found[0]} == offsets


def test_a_legacy_file_with_kept_in_it_is_plain(tmp_path):
    (tmp_path / "m.h5").write_bytes((GOLDEN / "keras_3_15_1" / "legacy.h5").read_bytes())
    legacy_h5.add_kept(
        str(tmp_path / "m.h5"), config={}, metadata=record, tensors=new_tensors(ARRAYS), attributes=NAMES
    )
    assert plainly(tmp_path / "m.h5") == by_hdf5(tmp_path / "m.h5") != NOT_PLAIN


@pytest.mark.parametrize("count", [8, 9, 30, 60, 1500, 10_000])
@pytest.mark.parametrize("libver", ["earliest", "v108"])
def test_groups_of_any_size_are_read_as_hdf5_reads_them(tmp_path, count, libver):
    with h5py.File(tmp_path / "x.h5", "w", libver=libver) as store:
        for index in range(count):
            store[f"vars/{index:x}"] = np.float32(index)
    found = plainly(tmp_path / "x.h5")
    assert found == by_hdf5(tmp_path / "x.h5")
    assert len(found[0]) == count


ASCII = st.text("abcxyz_01", min_size=1, max_size=12)
NAME = ASCII | st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
NUMBERS = ["f4", "f8", "f2", "i1", "i8", "u1", "u2", "?", "c8", "c16"]
SHAPE = st.lists(st.integers(0, 3), max_size=3)
PLAIN = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=300),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.lists(st.text("abcé", min_size=1, max_size=9), min_size=1, max_size=20),
    st.lists(ASCII.map(str.encode).map(np.bytes_), min_size=1, max_size=3).map(np.array),
    st.lists(st.floats(allow_nan=False), max_size=20).map(np.array),
)
ANY = PLAIN | st.booleans() | st.just("") | st.just(["", "a"])


def datasets(names, types):
    return st.lists(st.tuples(st.lists(names, min_size=1, max_size=4), st.sampled_from(types), SHAPE), max_size=40)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    libver=st.sampled_from(["earliest", "v108"]),
    datasets=datasets(ASCII, NUMBERS) | datasets(NAME, NUMBERS) | datasets(NAME, [*NUMBERS, ">f4", "S3", "V2"]),
    attributes=st.lists(st.tuples(NAME, PLAIN), max_size=8) | st.lists(st.tuples(NAME, ANY), max_size=12),
)
def test_files_of_any_content_are_read_as_hdf5_reads_them(tmp_path, libver, datasets, attributes):
    file = tmp_path / "x.h5"
    with h5py.File(file, "w", libver=libver) as store:
        for path, dtype, shape in datasets:
            owner = store
            for name in path[:-1]:
                owner = owner.require_group(name) if not isinstance(owner.get(name), h5py.Dataset) else store
            if path[-1] not in owner and path[-1] != ".":
                owner[path[-1]] = np.zeros(shape, dtype)
        group = store.require_group("attributes of a group") if attributes else store
        for name, value in attributes:
            group.attrs[name] = value
    assert plainly(file) in (NOT_PLAIN, by_hdf5(file))


def changed(content, numbers):
    """The content with a change of one kind or another, and where that is."""
    found, at = bytearray(content), numbers.randrange(len(content) - 8)
    place = numbers.randrange(len(content) - 8)
    match numbers.randrange(6):
        case 0:
            found[at] ^= 1 << numbers.randrange(8)
        case 1:
            found[at] = numbers.choice([0, 1, 2, 8, 127, 128, 255])
        case 2:
            found[at : at + 8] = found[place : place + 8]
        case 3:
            found[at : at + 8] = numbers.choice([b"\xff" * 8, bytes(8), place.to_bytes(8, "little")])
        case 4:
            found[at] = numbers.randrange(256)
        case _ if numbers.random() < 0.1:
            del found[at:]
    return bytes(found), at


def differences(folder, content, count, mend=lambda found, at: found):
    """How often the readers agree on changed files, and where they do not."""
    file, numbers, agreed, differing = folder / "changed.h5", random.Random(count), 0, []
    for _ in range(count):
        found, at = changed(content, numbers)
        file.write_bytes(mend(found, at) if len(found) == len(content) else found)
        said = plainly(file)
        if said == NOT_PLAIN:
            continue
        if said == by_hdf5(file):
            agreed += 1
        else:
            differing.append(at)
    return agreed, differing


def test_early_files_that_were_changed_are_not_plain_or_read_as_hdf5_reads_them(tmp_path):
    agreed, differing = differences(tmp_path, early(), 1200)
    assert agreed > 400
    assert differing == []


def test_late_files_that_were_changed_are_not_plain_or_read_as_hdf5_reads_them(tmp_path):
    assert differences(tmp_path, late(tmp_path), 600)[1] == []


@pytest.mark.parametrize("count", [3, 60])
def test_late_files_that_were_changed_with_their_checksums_are_read_as_hdf5_reads_them(tmp_path, count, monkeypatch):
    content = late(tmp_path, count)
    pieces = summed(tmp_path / "late.h5", monkeypatch)

    def mend(found, at):
        mended = bytearray(found)
        for start, end, sum_at in pieces:
            if start < at + 8 and at < end:
                mended[sum_at : sum_at + 4] = bytes(4) if sum_at < end else mended[sum_at : sum_at + 4]
                mended[sum_at : sum_at + 4] = lookup3(bytes(mended[start:end])).to_bytes(4, "little")
        return bytes(mended)

    assert mend(content, 0) == content
    assert differences(tmp_path, content, 500, mend)[1] == []


def summed(file, monkeypatch):
    """Begin, end and place of the checksum of each piece of a file that has one."""
    content, found, taken = file.read_bytes(), [], [(0, 48)]

    class Noting(stretch.Stretch):
        def take(self, address, count):
            taken.append((address, count))
            return super().take(address, count)

        def check(self, piece, said):
            start, count = taken[-1]
            if content[start : start + 4] == b"FHDB" and len(piece) == count:
                found.append((start, start + count, start + 17))
            elif content[start : start + len(piece)] == piece:
                found.append((start, start + len(piece), start + len(piece)))
            super().check(piece, said)

    with monkeypatch.context() as patched:
        patched.setattr(plain, "Stretch", Noting)
        assert plainly(file) != NOT_PLAIN
    return found


def replaced(before, after, *, first=0):
    """The early file with bytes replaced, once, from a place on."""
    content = early()
    at = content.index(before, first)
    return content[:at] + after + content[at + len(before) :]


def swapped(content):
    """Two symbols of one node change their places."""
    at = content.index(b"SNOD", content.index(b"SNOD", content.index(b"d0\0")) - 1) + 8
    return content[:at] + content[at + 40 : at + 80] + content[at : at + 40] + content[at + 80 :]


def tree_in_itself(content):
    """The tree of the root group has itself below it."""
    at = content.index(b"TREE")
    return content[: at + 5] + b"\1" + content[at + 6 : at + 32] + at.to_bytes(8, "little") + content[at + 40 :]


HOSTILE = {
    "a name out of order": lambda: swapped(early()),
    "one name twice": lambda: replaced(b"d3\0", b"d2\0"),
    "a name of nothing": lambda: replaced(b"d0\0", b"\0\0\0"),
    "a name with a slash": lambda: replaced(b"d0\0", b"d/\0"),
    "a tree in itself": lambda: tree_in_itself(early()),
    "a heap of enormous size": lambda: replaced(b"HEAP" + bytes(4), b"HEAP" + bytes(4) + b"\xff" * 6)[: len(early())],
    "a header that is a tensor": lambda: replaced(b"\x03\x01", b"\x03\x02"),
    "a byte less": lambda: early()[:-1],
    "a driver": lambda: early()[:48] + bytes(8) + early()[56:],
    "open for writing": lambda: early()[:20] + b"\1" + early()[21:],
    "an older version": lambda: early()[:8] + b"\1" + early()[9:],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_could_be_read_in_two_ways_is_not_plain(what, tmp_path):
    (tmp_path / "x.h5").write_bytes(HOSTILE[what]())
    assert plainly(tmp_path / "x.h5") == NOT_PLAIN


BUILDS = {
    "a soft link": lambda store: store.__setitem__("x", h5py.SoftLink("/y")),
    "an external link": lambda store: store.__setitem__("x", h5py.ExternalLink("y", "/")),
    "chunks": lambda store: store.create_dataset("x", (4,), "f4", chunks=(2,)),
    "room to grow": lambda store: store.create_dataset("x", (4,), "f4", maxshape=(None,)),
    "values elsewhere": lambda store: store.create_dataset("x", (4,), "u1", external=[("/etc/passwd", 0, 4)]),
    "values that were never written": lambda store: store.create_dataset("x", (4,), "f4"),
    "big-endian values": lambda store: store.create_dataset("x", data=np.zeros(3, ">f4")),
    "texts": lambda store: store.create_dataset("x", data=["a"]),
    "a type with a name": lambda store: store.__setitem__("x", np.dtype("f4")),
    "a group that is its own": lambda store: store.__setitem__("x", store["/"]),
    "an attribute that is a reference": lambda store: store.create_group("x").attrs.create("r", store["/"].ref),
}


@pytest.mark.parametrize("libver", ["earliest", "v108"])
@pytest.mark.parametrize("what", BUILDS)
def test_what_is_more_than_rows_of_numbers_is_not_plain(what, libver, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w", libver=libver) as store:
        BUILDS[what](store)
    assert plainly(tmp_path / "x.h5") == NOT_PLAIN


@pytest.mark.parametrize("cap", ["tensor_count", "group_count", "group_depth", "name_bytes", "attribute_bytes"])
def test_what_is_beyond_a_limit_is_not_plain(cap, tmp_path):
    (tmp_path / "x.h5").write_bytes(early())
    with Source(tmp_path / "x.h5") as source, pytest.raises(OUTSIDE):
        PlainHdf5(source, 0, source.nbytes, Limits(**{cap: 1})).walk("", None, ())


@pytest.mark.parametrize(("root", "options"), [("", {"skip": ("layers",)}), ("", {"depth": 0}), ("layers", {})])
def test_parts_of_a_file_are_those_that_hdf5_finds(root, options, tmp_path):
    (tmp_path / "x.h5").write_bytes(early())
    with Source(tmp_path / "x.h5") as source:
        file = Hdf5(source, 0, source.nbytes, DEFAULT_LIMITS)
        found = file.walk(root, **options)
        assert "_library" not in vars(file)
        assert found == file._library.walk(root, **options)
        file.close()


def test_the_structure_alone_is_read(tmp_path):
    keras_archive.write(
        str(tmp_path / "m.keras"),
        config={},
        tensors=new_tensors({"vars/0": np.zeros(1 << 22), "vars/1": np.zeros(3)}),
        metadata=record,
    )
    seen = []
    source = Source(Path(tmp_path / "m.keras"))
    real, source.read_at = source.read_at, lambda at, count: seen.append(count) or real(at, count)
    with source:
        assert len(Hdf5(source, 512, source.nbytes - 512, DEFAULT_LIMITS).walk().tensors) == 2
    assert sum(seen) < 1 << 16


def test_structure_beyond_all_measure_is_left_to_hdf5_at_once(tmp_path):
    file = tmp_path / "large.h5"
    with h5py.File(file, "w", libver="earliest") as store:
        store.create_group("a")
    content = bytearray(file.read_bytes())
    address = int.from_bytes(content[64:72], "little")  # of the root, in the superblock
    nothing = struct.pack("<HHI", 0, 0, 0)
    header = struct.pack("<BBHII4x", 1, 0, 0xFFFF, 1, (1 << 24) - 16)
    content = content[:address].ljust(address, b"\0") + header + nothing * ((1 << 21) - 2)
    content[40:48] = len(content).to_bytes(8, "little")  # where the file ends
    file.write_bytes(content)
    began = time.process_time()
    assert plainly(file) == NOT_PLAIN
    assert time.process_time() - began < 1
