"""Files that stock Keras wrote (`tests/golden/make.py`), array by array."""

import numpy as np
import pytest

from kept.formats.base import open_artifact
from tests.formats.samples import GOLDEN

FOLDERS = sorted(GOLDEN.glob("keras_*"))
KINDS = ("*.keras", "*.h5", "*.json")
FILES = sorted(file for folder in FOLDERS for kind in KINDS for file in folder.glob(kind))


def shown(file):
    return f"{file.parent.name}-{file.name}" if file.suffix else file.name


@pytest.mark.parametrize("file", FILES, ids=shown)
def test_every_array_is_read_bit_for_bit(file):
    expected = np.load(file.parent / "expected.npz")
    own = {key.partition(":")[2]: expected[key].tobytes() for key in expected if key.startswith(file.name + ":")}
    with open_artifact(file) as artifact:
        assert {path: tensor.read().tobytes() for path, tensor in artifact.tensors.items()} == own


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_a_stock_archive_has_config_metadata_and_names(folder):
    with open_artifact(folder / "trained.keras") as artifact:
        assert artifact.format == "keras_archive"
        assert artifact.config["config"]["name"] == "small"
        assert artifact.metadata["keras_version"] == folder.name.removeprefix("keras_").replace("_", ".")
        assert artifact.attributes["layers/dense/vars"] == {"name": "hidden"}


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_stock_tensors_are_mapped_where_they_lie(folder):
    with open_artifact(folder / "trained.keras") as artifact:
        tensor = artifact.tensors["layers/dense/vars/0"]
        raw = (folder / "trained.keras").read_bytes()[tensor.offset :][: tensor.nbytes]
        assert tensor.read().tobytes() == raw


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_stock_bfloat16_is_read_as_such(folder):
    with open_artifact(folder / "bfloat16.keras") as artifact:
        assert {tensor.dtype for tensor in artifact} == {"bfloat16"}
        assert artifact.tensors["layers/dense/vars/0"].read().dtype.name == "bfloat16"


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_stock_shards_are_read_as_one(folder):
    with open_artifact(folder / "sharded.weights.json") as artifact:
        assert artifact.format == "sharded_weights"
        assert len(artifact.extras["shards"]) == 3
        assert len(artifact.tensors) == 8
        assert artifact.attributes["layers/dense/vars"] == {"name": "hidden"}


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_a_legacy_file_tells_the_order_of_its_weights(folder):
    with open_artifact(folder / "legacy.h5") as artifact:
        assert artifact.format == "legacy_h5"
        assert [path.rpartition("/")[2] for path in artifact.extras["layers"]["hidden"]] == ["kernel", "bias"]
        assert artifact.extras["training_config"]["loss"] == "mse"
        assert artifact.extras["optimizer"][0].endswith("iteration")


def test_a_vocabulary_is_an_asset():
    with open_artifact(GOLDEN / "keras_3_15_1" / "vocabulary.keras") as artifact:
        assert [asset.read() for asset in artifact.assets.values()] == [b"[UNK]\ntrois\ndeux\nun"]


def test_a_saved_model_is_recognised_and_holds_no_keras_archive():
    with open_artifact(GOLDEN / "keras_3_15_1" / "saved_model") as artifact:
        assert (artifact.format, artifact.extras["keras_archive"]) == ("saved_model", None)
