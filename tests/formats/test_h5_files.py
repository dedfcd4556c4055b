import shutil

import h5py
import numpy as np
import pytest

from kept.errors import CorruptFileError, WriteError
from kept.formats import legacy_h5, weights_h5
from kept.formats.base import open_artifact
from tests.formats.samples import ARRAYS, GOLDEN, NAMES, new_tensors, record


@pytest.fixture
def legacy(tmp_path):
    return shutil.copy(GOLDEN / "keras_3_15_1" / "legacy.h5", tmp_path / "model.h5")


def old_arrays(file):
    with open_artifact(file) as artifact:
        return {f"layers/{index}/vars/0": tensor.read().copy() for index, tensor in enumerate(artifact)}


def add(file, arrays, **changes):
    arguments = {"config": {"class_name": "Sample"}, "metadata": record, "tensors": new_tensors(arrays)}
    return legacy_h5.add_kept(str(file), **(arguments | {"attributes": NAMES, "assets": {"a/b": b"c"}} | changes))


def test_weights_alone_come_back(tmp_path):
    written = weights_h5.write(str(tmp_path / "w.h5"), new_tensors(ARRAYS), NAMES)
    with open_artifact(tmp_path / "w.h5") as artifact:
        assert artifact.attributes == NAMES
        assert {path: artifact.tensors[path].offset for path in ARRAYS} == {
            path: tensor.offset for path, tensor in written.tensors.items()
        }


def test_the_record_may_tell_where_the_tensors_lie(tmp_path):
    written = weights_h5.write(str(tmp_path / "w.h5"), new_tensors(ARRAYS), record=lambda done: record(done)["kept"])
    with open_artifact(tmp_path / "w.h5") as artifact:
        found = artifact.extras["record"]["tensors"]["vars/0"]
        assert found["offset"] == written.tensors["vars/0"].offset
        assert artifact.tensors.keys() == ARRAYS.keys()


def test_a_record_that_is_no_document_is_refused(tmp_path):
    weights_h5.write(str(tmp_path / "w.h5"), new_tensors({"_kept/record": np.zeros(3)}))
    with pytest.raises(CorruptFileError) as caught:
        open_artifact(tmp_path / "w.h5")
    assert str(caught.value) == (
        f"{tmp_path}/w.h5: _kept/record: no document there\n  expected  a row of uint8\n  found     float64 (3,)"
    )


def test_a_legacy_file_with_kept_in_it_opens_as_a_whole_model(legacy):
    written = add(legacy, ARRAYS)
    with open_artifact(legacy) as artifact:
        assert (artifact.format, artifact.config) == ("legacy_h5", {"class_name": "Sample"})
        assert artifact.metadata["keras_version"] == "3.15.1"
        assert artifact.assets["a/b"].read() == b"c"
        assert artifact.attributes == NAMES
        assert {path: (artifact.tensors[path].offset, artifact.tensors[path].checksum()) for path in ARRAYS} == {
            path: (tensor.offset, tensor.checksum) for path, tensor in written.tensors.items()
        }


def test_tensors_that_the_file_has_already_are_linked_not_copied(legacy):
    before = h5py.File(legacy)["model_weights/hidden/hidden/kernel"].id.get_offset()
    written = add(legacy, old_arrays(legacy))
    assert before in {tensor.offset for tensor in written.tensors.values()}
    with h5py.File(legacy) as store:
        linked = store["_kept/weights/layers/1/vars/0"]
        assert linked == store["model_weights/hidden/hidden/kernel"]


def test_what_was_in_the_legacy_file_stays(legacy):
    before = old_arrays(legacy)
    add(legacy, ARRAYS)
    with open_artifact(legacy) as artifact, h5py.File(legacy) as store:
        old = artifact.extras["legacy"]
        paths = [path for layer in old["layers"].values() for path in layer] + old["optimizer"]
        assert sorted(store[path][()].tobytes() for path in paths) == sorted(a.tobytes() for a in before.values())


def test_adding_again_replaces(legacy):
    add(legacy, ARRAYS)
    add(legacy, {"vars/0": np.arange(3)}, assets={})
    with open_artifact(legacy) as artifact:
        assert (list(artifact.tensors), dict(artifact.assets)) == (["vars/0"], {})


def test_documents_are_replaced_and_tensors_stay(legacy):
    written = add(legacy, ARRAYS)
    legacy_h5.rewrite_documents(str(legacy), config={"new": 1}, metadata={"kept": {"format": 1}})
    with open_artifact(legacy) as artifact:
        assert (artifact.config, artifact.metadata) == ({"new": 1}, {"kept": {"format": 1}})
        assert artifact.tensors["vars/0"].offset == written.tensors["vars/0"].offset


def test_a_file_that_may_not_be_written_is_a_write_error(tmp_path):
    with pytest.raises(WriteError, match="the path is a folder"):
        weights_h5.write(str(tmp_path), {})
