"""Checkpoints of TensorFlow without a SavedModel around them."""

import numpy as np
import pytest

from kept.errors import CorruptFileError, LimitExceededError, UnsafeContentError
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.bundles import write_bundle

KERNEL = np.arange(6, dtype="float32").reshape(3, 2)


@pytest.fixture
def folder(tmp_path):
    """A folder with two checkpoints, of which the second is the latest."""
    for step in (1, 2):
        write_bundle(tmp_path / f"ckpt-{step}", {"kernel": KERNEL * step})
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "ckpt-2"\nall_model_checkpoint_paths: "ckpt-1"\n')
    return tmp_path


def test_a_folder_is_opened_at_its_latest_checkpoint(folder):
    with open_artifact(folder) as artifact:
        assert (artifact.format, artifact.extras["prefix"]) == ("tensorflow_checkpoint", folder / "ckpt-2")
        assert artifact.tensors["kernel"].read().tolist() == (KERNEL * 2).tolist()


def test_one_checkpoint_of_many_is_opened_by_its_index(folder):
    with open_artifact(folder / "ckpt-1.index") as artifact:
        assert artifact.tensors["kernel"].read().tolist() == KERNEL.tolist()


def test_a_checkpoint_in_another_folder_is_not_followed(folder):
    (folder / "checkpoint").write_text('model_checkpoint_path: "../elsewhere/ckpt-2"\n')
    with pytest.raises(UnsafeContentError, match="names a checkpoint in another folder"):
        open_artifact(folder)


def test_an_absolute_path_into_the_same_folder_is_the_same(folder):
    (folder / "checkpoint").write_text(f'model_checkpoint_path: "{folder / "ckpt-1"}"\n')
    with open_artifact(folder) as artifact:
        assert artifact.extras["prefix"] == folder / "ckpt-1"


def test_a_latest_checkpoint_that_is_gone_is_named(folder):
    (folder / "ckpt-2.index").unlink()
    with pytest.raises(CorruptFileError, match=r"ckpt-2\.index: the latest checkpoint is missing"):
        open_artifact(folder)


def test_a_file_of_state_that_says_nothing_is_refused(folder):
    (folder / "checkpoint").write_text("")
    with pytest.raises(CorruptFileError, match="does not say which checkpoint is the latest"):
        open_artifact(folder)


def test_a_file_of_state_without_end_is_not_read(folder):
    with pytest.raises(LimitExceededError, match="the file is too large"):
        open_artifact(folder, Limits(json_bytes=10))


def test_the_path_that_tensorflow_uses_is_explained(folder):
    with pytest.raises(Exception, match=r"no such file or folder\n  hint      ckpt-2\.index is there"):
        open_artifact(folder / "ckpt-2")
