"""Laws of a look into a file: it tells something or gives one error of kept, and no tensor is lost."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kept
from kept.errors import KeptError
from kept.formats.artifact import NewTensor
from tests.formats.samples import GOLDEN
from tests.inspecting.files import by_kept, by_keras, record
from tests.property.test_tree import CONFIGS

QUICK = settings(max_examples=60, deadline=None)

PARTS = st.sampled_from(["layers", "dense", "dense_1", "inner", "vars", "0", "optimizer", "_kept", "seed_generator"])
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)
NAMES = st.dictionaries(PATHS, st.text(max_size=5).map(lambda name: {"name": name}), max_size=3)
ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def told(path, **options):
    """All that there is to tell of a file, or None where it is refused."""
    try:
        found = kept.inspect(path, **options)
    except KeptError:
        return None
    assert str(found)
    assert json.dumps(found.to_dict(), allow_nan=False)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return by_kept(tmp_path_factory.mktemp("whole") / "a.keras").read_bytes()


@QUICK
@given(config=CONFIGS, attributes=NAMES)
def test_any_config_can_be_looked_into(config, attributes):
    with tempfile.TemporaryDirectory() as folder:
        names = {f"{path}/vars": texts for path, texts in attributes.items() if "\0" not in texts["name"]}
        names = {path: texts for path, texts in names.items() if texts["name"].isprintable() and "/0" not in path}
        assert told(by_keras(Path(folder, "a.keras"), config=config, tensors={}, attributes=names)) is not None


@QUICK
@given(paths=st.sets(PATHS, max_size=8), config=CONFIGS)
def test_no_tensor_is_lost_whatever_the_config_says(paths, config):
    alone = {path for path in paths if not any(other.startswith(f"{path}/") for other in paths)}
    tensors = {path: NewTensor.of(np.ones(2, "float32")) for path in sorted(alone)}
    with tempfile.TemporaryDirectory() as folder:
        found = told(by_keras(Path(folder, "a.keras"), config=config, tensors=tensors, attributes={}))
    optimizer = found.compiled.tensors if found.compiled else ()
    assert sorted(one.path for one in (*found.tensors, *optimizer)) == sorted(alone)


@QUICK
@given(changed=ANYTHING)
def test_any_record_is_told_of_or_refused(changed):
    def strange(written):
        found = record(written)
        return {**found, "kept": {key: changed for key in found["kept"] if key != "format"}}

    with tempfile.TemporaryDirectory() as folder:
        told(by_kept(Path(folder, "a.keras"), metadata=strange), checksums=True)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_file_with_one_other_byte_is_told_of_or_refused(whole, data):
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.keras")
        file.write_bytes(changed)
        told(file, checksums=True, stats=True)


@QUICK
@given(data=st.data())
def test_a_legacy_file_with_other_bytes_is_told_of_or_refused(data):
    changed = bytearray((GOLDEN / "keras_3_15_1" / "legacy.h5").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.h5")
        file.write_bytes(changed)
        told(file, stats=True)
