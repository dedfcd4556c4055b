"""Weights files that reach out, or promise more than they hold. Each builder makes one; beside it is the verdict."""

import zlib

import h5py
import numpy as np
import pytest

from kept.errors import CorruptFileError, LimitExceededError, UnsafeContentError
from kept.formats.base import open_artifact
from kept.formats.hdf5.sums import lookup3
from kept.limits import Limits

CANARY = "secret.h5"


def soft_link(store):
    store["vars/0"] = [1.0]
    store["vars/1"] = h5py.SoftLink("/vars/0")


def external_link(store):
    store["vars/0"] = h5py.ExternalLink(CANARY, "/vars/0")


def external_group(store):
    store["layers"] = h5py.ExternalLink(CANARY, "/")


def external_values(store):
    store.create_dataset("vars/0", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def virtual(store):
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(CANARY, "vars/0", (4,))
    store.create_virtual_dataset("vars/0", layout)


def plug_in(store):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((4,))
    properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    group = store.create_group("vars")
    h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), properties)


def unwritten_terabyte(store):
    store.create_dataset("vars/0", (1 << 38,), "f4")


def compressed_terabyte(store):
    store.create_dataset("vars/0", (1 << 38,), "f4", chunks=(1 << 20,), compression="gzip")[:4] = 1


def enormous_chunk(store):
    store.create_dataset("vars/0", (8,), "f4", chunks=(1 << 29,), maxshape=(None,))


def a_thousand_unwritten(store):
    """Each is small enough to be let through."""
    for index in range(1000):
        store.create_dataset(f"vars/{index}", (1 << 24,), "u1")


def one_text_many_times(store):
    """Texts of variable length lie in a heap, and a thousand may be the same one."""
    store.create_dataset("vars/0", (500,), h5py.string_dtype())[:] = "x" * 1_000_000
    handle = store["vars/0"].id
    assert handle.get_storage_size() == 8000


def structure(store):
    store["vars/0"] = np.zeros(3, [("a", "f4"), ("b", "i8")])


def rows_in_a_type(store):
    store.create_dataset("vars/0", (2,), np.dtype(("f4", (3,))))


def structure_with_references(store):
    store.create_dataset("vars/0", (2,), np.dtype([("a", h5py.ref_dtype), ("b", "i8")]))


def region(store):
    store.create_dataset("vars/0", (2,), h5py.regionref_dtype)


def szip(store):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((4,))
    properties.set_filter(h5py.h5z.FILTER_SZIP, h5py.h5z.FLAG_OPTIONAL, (4, 4))
    group = store.create_group("vars")
    h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), properties)


def group_in_itself(store):
    store["layers/vars/0"] = [1.0]
    store["layers/again"] = store["layers"]


def reference(store):
    store["vars/0"] = [1.0]
    store.create_dataset("vars/1", data=store["vars/0"].ref, dtype=h5py.ref_dtype)


def ragged(store):
    store.create_dataset("vars/0", (2,), h5py.vlen_dtype(np.dtype("i4")))


def wrong_name_of_type(store):
    store["vars/0"] = np.zeros(3, "V4")
    store["vars/0"].attrs["dtype"] = "bfloat16"


VERDICTS = {
    soft_link: (UnsafeContentError, "vars/1: holds a link to another place, which kept does not follow"),
    external_link: (UnsafeContentError, "vars/0: holds a link to another place, which kept does not follow"),
    external_group: (UnsafeContentError, "layers: holds a link to another place, which kept does not follow"),
    external_values: (UnsafeContentError, "vars/0: holds a dataset with its values in another file"),
    virtual: (UnsafeContentError, "vars/0: holds a virtual dataset, which takes its values from other files"),
    plug_in: (UnsafeContentError, "vars/0: holds a dataset that needs the HDF5 filter 32015"),
    unwritten_terabyte: (LimitExceededError, "vars/0: declares far more than it stores"),
    compressed_terabyte: (LimitExceededError, "vars/0: declares far more than it stores"),
    enormous_chunk: (LimitExceededError, "vars/0: declares far more than it stores"),
    a_thousand_unwritten: (LimitExceededError, "declares far more than it stores"),
    one_text_many_times: (LimitExceededError, "vars/0: declares far more than it stores"),
    structure: (CorruptFileError, "vars/0: no tensor has such a type"),
    rows_in_a_type: (CorruptFileError, "vars/0: no tensor has such a type"),
    structure_with_references: (CorruptFileError, "vars/0: no tensor has such a type"),
    region: (CorruptFileError, "vars/0: no tensor has such a type"),
    szip: (UnsafeContentError, "vars/0: holds a dataset that needs the HDF5 filter 4"),
    group_in_itself: (CorruptFileError, "layers/again: a group is reached twice"),
    reference: (CorruptFileError, "vars/1: no tensor has such a type"),
    ragged: (CorruptFileError, "vars/0: no tensor has such a type"),
    wrong_name_of_type: (CorruptFileError, "vars/0: type and size of its values differ"),
}


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with h5py.File(tmp_path / CANARY, "w") as canary:
        canary["vars/0"] = np.full(4, 99, "u1")
    return tmp_path / "model.weights.h5"


@pytest.mark.parametrize("build", VERDICTS, ids=lambda build: build.__name__)
def test_a_weights_file_that_reaches_out_or_promises_too_much_is_refused(file, build):
    error, verdict = VERDICTS[build]
    with h5py.File(file, "w") as store:
        build(store)
    with pytest.raises(error) as caught:
        open_artifact(file)
    assert str(caught.value).startswith(f"{file}: {verdict}")


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [
        (Limits(tensor_count=5), "too many tensors"),
        (Limits(group_count=5), "too many groups"),
        (Limits(group_depth=2), "groups are nested too deep"),
        (Limits(name_bytes=8), "an inner path is too long"),
    ],
)
def test_more_than_the_limits_allow_is_refused(file, limits, verdict):
    with h5py.File(file, "w") as store:
        for index in range(10):
            store[f"a/b/c/d{index}/0"] = [1.0]
    with pytest.raises(LimitExceededError, match=verdict):
        open_artifact(file, limits)


def test_a_large_attribute_is_refused(file):
    with h5py.File(file, "w", libver="latest") as store:
        store.create_group("vars").attrs["name"] = np.zeros(100_000)
    with pytest.raises(LimitExceededError, match="name: attribute is too large"):
        open_artifact(file, Limits(attribute_bytes=1000))


def test_one_text_that_many_attributes_share_is_refused(file):
    with h5py.File(file, "w") as store:
        store.create_group("vars").attrs["name"] = ["x" * 60_000] * 30
    with pytest.raises(LimitExceededError, match="name: attribute is too large"):
        open_artifact(file, Limits(attribute_bytes=1_000_000))


def test_attributes_are_counted_together(file):
    with h5py.File(file, "w") as store:
        for index in range(30):
            store.create_group(f"{index}").attrs["name"] = np.zeros(1000)
    with pytest.raises(LimitExceededError, match="name: attribute is too large"):
        open_artifact(file, Limits(attribute_bytes=100_000))


def with_chunk(file, data, **filters):
    """A tensor of 16 bytes in one piece, which is replaced by `data`."""
    with h5py.File(file, "w") as store:
        dataset = store.create_dataset("vars/0", (4,), "f4", chunks=(4,), maxshape=(None,), **filters)
        dataset.id.write_direct_chunk((0,), data)


PIECES = {
    "a bomb": (zlib.compress(bytes(2_000_000)), {"compression": "gzip"}, "unpacks to another size"),
    "too little": (zlib.compress(b"x"), {"compression": "gzip"}, "unpacks to another size"),
    "no end": (zlib.compress(bytes(range(16)))[:-6], {"compression": "gzip"}, "unpacks to another size"),
    "nonsense": (b"weights", {"compression": "gzip"}, "cannot be decompressed"),
    "a size of its own": (bytes(20_000), {"compression": "gzip"}, "is larger than what it unpacks to"),
    "half a value": (bytes(15), {"shuffle": True}, "has no whole number of values"),
    "a wrong checksum": (bytes(16) + b"\1\0\0\0", {"fletcher32": True}, "has a wrong checksum"),
    "no checksum": (b"\1", {"fletcher32": True}, "is cut"),
}


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_that_lies_is_refused_when_it_is_read(file, name):
    data, filters, verdict = PIECES[name]
    with_chunk(file, data, **filters)
    with open_artifact(file) as artifact, pytest.raises(CorruptFileError) as caught:
        artifact.tensors["vars/0"].read()
    assert str(caught.value).startswith(f"{file}: vars/0: a piece of it {verdict}")


@pytest.mark.parametrize("shift", [0, 8])
def test_two_tensors_cannot_share_bytes(file, shift):
    """Else a thousand of them over one stretch would be read as a thousand times the file."""
    with h5py.File(file, "w") as store:
        store["0"], store["1"] = np.zeros(1000), np.ones(1000)
        first, second = (store[name].id.get_offset() for name in "01")
    place, moved = (at.to_bytes(8, "little") + (8000).to_bytes(8, "little") for at in (second, first + shift))
    file.write_bytes(file.read_bytes().replace(place, moved))
    with pytest.raises(CorruptFileError, match="1: tensors overlap"):
        open_artifact(file)


def test_one_tensor_may_have_two_paths(file):
    with h5py.File(file, "w") as store:
        store["0"] = np.arange(3.0)
        store["1"] = store["0"]
    with open_artifact(file) as artifact:
        assert artifact.tensors["0"].offset == artifact.tensors["1"].offset


def test_a_heap_without_room_for_its_links_is_refused_before_hdf5_sees_it(tmp_path):
    file = tmp_path / "model.weights.h5"
    with h5py.File(file, "w", libver=("v108", "v108")) as store:
        for number in range(20):
            store.create_group(f"layers/dense_{number}")
    content = bytearray(file.read_bytes())
    heap = content.index(b"FRHP")
    content[heap + 46 : heap + 54] = bytes(8)  # how large what it manages is
    content[heap + 142 : heap + 146] = lookup3(bytes(content[heap : heap + 142])).to_bytes(4, "little")
    file.write_bytes(content)
    with pytest.raises(CorruptFileError, match="no room"), open_artifact(file):
        pass
