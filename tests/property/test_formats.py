"""Laws that hold for every artifact."""

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kept.errors import FormatError
from kept.formats import legacy_h5, weights_h5
from kept.formats.base import open_artifact
from kept.formats.checksums import combine, crc32
from kept.formats.pages import Pages
from tests.formats.samples import GOLDEN, new_tensors, small_archive, write_sample

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NAMES = st.text(st.characters(exclude_characters="/.:\\\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
DTYPES = st.sampled_from(["?", "i1", "u1", "<i2", "<u4", ">i8", "<f2", ">f4", "<f8", "<c8", "<c16"])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)
TENSORS = st.dictionaries(PATHS, DTYPES.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)), max_size=5)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
CONFIGS = st.dictionaries(st.text(), PLAIN, max_size=4)


def without_nesting(tensors):
    """A path cannot be a tensor and a group at once; `_kept` is the group that kept makes."""
    groups = {"_kept", *(path[:at] for path in tensors for at, letter in enumerate(path) if letter == "/")}
    return {path: array for path, array in tensors.items() if path not in groups}


def same(found, array):
    little = array.astype(array.dtype.newbyteorder("<"))
    return (found.dtype, found.shape, found.tobytes()) == (little.dtype, little.shape, little.tobytes())


@QUICK
@given(
    tensors=TENSORS.map(without_nesting),
    config=CONFIGS,
    assets=st.dictionaries(PATHS, st.binary(), max_size=3).map(without_nesting),
)
def test_what_is_written_is_what_is_read(tensors, config, assets):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.keras")
        write_sample(file, tensors=new_tensors(tensors), config=config, assets=assets, attributes={})
        with open_artifact(file) as artifact:
            assert artifact.config == json.loads(json.dumps(config))
            assert {name: asset.read() for name, asset in artifact.assets.items()} == assets
            assert artifact.tensors.keys() == tensors.keys()
            assert all(same(artifact.tensors[path].read(), array) for path, array in tensors.items())


@QUICK
@given(tensors=TENSORS.map(without_nesting))
def test_weights_alone_are_what_was_written(tensors):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.weights.h5")
        written = weights_h5.write(str(file), new_tensors(tensors), record={"format": 1})
        with open_artifact(file) as artifact:
            assert artifact.extras["record"] == {"format": 1}
            assert {path: tensor.checksum() for path, tensor in artifact.tensors.items()} == {
                path: tensor.checksum for path, tensor in written.tensors.items()
            }


@QUICK
@given(tensors=TENSORS.map(without_nesting))
def test_the_same_tensors_give_the_same_bytes(tensors):
    with tempfile.TemporaryDirectory() as folder:
        digests = set()
        for name in ("a", "b"):
            write_sample(Path(folder, name), tensors=new_tensors(tensors), attributes={})
            digests.add(hashlib.sha256(Path(folder, name).read_bytes()).hexdigest())
        assert len(digests) == 1


def cuts(nbytes):
    """Every place of a small file; of a larger one the first and last kilobytes and a sample between."""
    return [*range(min(nbytes, 1200)), *range(1200, nbytes - 1200, 97), *range(max(1200, nbytes - 1200), nbytes)]


def refuses(path):
    with pytest.raises(FormatError) as caught:
        open_artifact(path)
    return str(caught.value).startswith(str(path))


def test_an_archive_cut_at_any_byte_is_refused(tmp_path):
    whole = small_archive(tmp_path / "whole.keras").read_bytes()
    for at in range(len(whole)):
        (tmp_path / "cut.keras").write_bytes(whole[:at])
        assert refuses(tmp_path / "cut.keras")


@pytest.mark.parametrize("name", ["trained.keras", "trained.weights.h5", "legacy.h5"])
def test_a_file_of_stock_keras_cut_anywhere_is_refused(tmp_path, name):
    whole = (GOLDEN / "keras_3_15_1" / name).read_bytes()
    for at in cuts(len(whole)):
        (tmp_path / name).write_bytes(whole[:at])
        assert refuses(tmp_path / name)


def test_weights_that_kept_wrote_cut_at_any_byte_are_refused(tmp_path):
    weights_h5.write(str(tmp_path / "whole.h5"), new_tensors({"vars/0": np.arange(3.0)}), record={"format": 1})
    whole = (tmp_path / "whole.h5").read_bytes()
    for at in range(len(whole)):
        (tmp_path / "cut.h5").write_bytes(whole[:at])
        assert refuses(tmp_path / "cut.h5")


def test_a_legacy_file_with_more_in_it_cut_anywhere_is_refused(tmp_path):
    file = tmp_path / "model.h5"
    file.write_bytes((GOLDEN / "keras_3_15_1" / "legacy.h5").read_bytes())
    tensors = new_tensors({"vars/0": np.arange(3.0)})
    legacy_h5.add_kept(str(file), config={}, metadata=lambda written: {}, tensors=tensors)
    whole = file.read_bytes()
    for at in cuts(len(whole)):
        file.write_bytes(whole[:at])
        assert refuses(file)


def test_a_saved_model_cut_anywhere_is_refused(tmp_path):
    whole = (GOLDEN / "keras_3_15_1" / "saved_model" / "saved_model.pb").read_bytes()
    for at in cuts(len(whole)):
        (tmp_path / "saved_model.pb").write_bytes(whole[:at])
        with pytest.raises(FormatError):
            open_artifact(tmp_path)


@given(first=st.binary(), second=st.binary(max_size=5000))
def test_two_checksums_combine_into_that_of_the_whole(first, second):
    assert combine(crc32(first), crc32(second), len(second)) == crc32(first + second)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=9000)), max_size=6))
def test_pages_hold_what_a_file_would_hold(writes):
    pages, file = Pages(), bytearray()
    for offset, data in writes:
        pages.seek(offset)
        pages.write(data)
        if data:
            file.extend(bytes(max(0, offset + len(data) - len(file))))
            file[offset : offset + len(data)] = data
    assert pages.read_at(0, len(file)) == bytes(file)
    shown = bytearray(len(file))
    for offset, run in pages.runs():
        shown[offset : offset + len(run)] = run
    assert shown == file
