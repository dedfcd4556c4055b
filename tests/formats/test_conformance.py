"""Every format keeps the promises of `kept.testing.FormatTests`."""

import json
import shutil

import h5py
import numpy as np
import pytest

from kept.formats import keras_archive, keras_directory, legacy_h5, safetensors, sharded_weights, weights_h5
from kept.formats.base import formats
from kept.testing import FormatTests
from tests.formats.bundles import saved_model, write_bundle
from tests.formats.samples import GOLDEN, new_tensors, record
from tests.formats.zarr_arrays import write_arrays

STOCK = GOLDEN / "keras_3_15_1"
CONFIG = {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": []}}


JSON = ("json_bytes", "json_depth", "json_value_count")
ZIP = ("member_count", "directory_bytes", "name_bytes", "tensor_count")
BUNDLE = (
    "member_count",
    "directory_bytes",
    "name_bytes",
    "tensor_count",
    "protobuf_field_count",
    "protobuf_message_count",
)
HDF5 = ("group_count", "group_depth", "name_bytes", "tensor_count")


def own_record(written):
    return record(written)["kept"]


class TestKerasArchive(FormatTests):
    format = "keras_archive"
    checked = True
    capped = (*JSON, *ZIP, *HDF5)

    def write(self, path, tensors):
        keras_archive.write(str(path), config=CONFIG, tensors=new_tensors(tensors), metadata=record)


class TestKerasDirectory(FormatTests):
    format = "keras_directory"
    checked = True
    capped = (*JSON, *HDF5)

    def write(self, path, tensors):
        path.mkdir()
        keras_directory.write(str(path), config=CONFIG, tensors=new_tensors(tensors), metadata=record)


class TestWeightsH5(FormatTests):
    format = "weights_h5"
    checked = True
    capped = (*JSON, *HDF5)

    def write(self, path, tensors):
        weights_h5.write(str(path), new_tensors(tensors), record=own_record)


class TestWeightsH5OfKeras(FormatTests):
    format = "weights_h5"
    capped = HDF5

    def write(self, path, tensors):
        with h5py.File(path, "w") as store:
            for name, array in tensors.items():
                store[name] = array


class TestShardedWeights(FormatTests):
    format = "sharded_weights"
    name = "model.weights.json"
    checked = True
    capped = (*JSON, *HDF5, "member_count")

    def write(self, path, tensors):
        sharded_weights.write(str(path), new_tensors(tensors), {}, own_record, shard_nbytes=1 << 23)

    def parts(self, path):
        return sorted(path.parent.iterdir())


class TestLegacyH5(FormatTests):
    format = "legacy_h5"
    checked = True
    capped = (*JSON, *HDF5, "attribute_bytes")

    def write(self, path, tensors):
        shutil.copy(STOCK / "legacy.h5", path)
        legacy_h5.add_kept(str(path), config=CONFIG, metadata=record, tensors=new_tensors(tensors))


class TestNpzWeights(FormatTests):
    format = "npz_weights"
    checked = True
    capped = (*ZIP, "npy_header_bytes")

    def write(self, path, tensors):
        with path.open("wb") as file:
            np.savez(file, **tensors)


class TestCompressedNpzWeights(TestNpzWeights):
    def write(self, path, tensors):
        with path.open("wb") as file:
            np.savez_compressed(file, **tensors)


class TestSafetensors(FormatTests):
    format = "safetensors"
    capped = (*JSON, "name_bytes", "tensor_count")

    def write(self, path, tensors):
        safetensors.write(str(path), new_tensors(tensors), {"format": "keras"})


class TestArchitectureJson(FormatTests):
    format = "architecture_json"
    tensors = {}  # noqa: RUF012 - as its base class has it
    capped = JSON

    def write(self, path, tensors):
        path.write_text(json.dumps(CONFIG))


class TestTensorflowCheckpoint(FormatTests):
    format = "tensorflow_checkpoint"
    name = "ckpt-1.index"
    checked = True
    capped = BUNDLE

    def write(self, path, tensors):
        write_bundle(path.with_suffix(""), tensors, shard_count=2)

    def parts(self, path):
        return sorted(path.parent.iterdir())


class TestSavedModel(FormatTests):
    format = "saved_model"
    checked = True
    capped = (*BUNDLE, "protobuf_bytes")

    def write(self, path, tensors):
        path.mkdir()
        (path / "saved_model.pb").write_bytes(saved_model())
        write_bundle(path / "variables" / "variables", tensors, shard_count=2)


class TestSavedModelOfBigEndian(TestSavedModel):
    def write(self, path, tensors):
        path.mkdir()
        (path / "saved_model.pb").write_bytes(saved_model())
        write_bundle(path / "variables" / "variables", tensors, big_endian=True)


class TestOrbax(FormatTests):
    format = "orbax"
    capped = (*JSON, "member_count", "name_bytes", "tensor_count")

    def write(self, path, tensors):
        pytest.importorskip("tensorstore")
        write_arrays(path, tensors)


class TestOrbaxInFolders(TestOrbax):
    tensors = {path: FormatTests.tensors[path] for path in ("layers/dense/vars/0", "vars/0")}  # noqa: RUF012

    def write(self, path, tensors):
        pytest.importorskip("tensorstore")
        write_arrays(path, tensors, in_one=False, is_v3=True)


def test_every_format_is_tested():
    assert {one.format for one in FormatTests.__subclasses__()} == set(formats()) - {"pickled"}  # which is only refused
