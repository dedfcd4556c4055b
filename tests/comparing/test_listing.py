"""One file as lines of text."""

import numpy as np
import pytest

from kept.comparing.listing import listing
from kept.errors import UnknownFormatError
from kept.formats.artifact import NewTensor
from tests.formats.samples import GOLDEN
from tests.inspecting.files import ARRAYS, by_kept


def test_settings_are_sorted_below_their_layer_and_tensors_follow(tmp_path):
    lines = list(listing(by_kept(tmp_path / "a.keras")))
    at = lines.index("stem Dense")
    assert lines[at + 1 : at + 5] == ['  activation: "relu"', '  name: "stem"', "  trainable: true", "  units: 4"]
    assert lines[at + 5].startswith("  vars/0 float32 3x4 crc32:")


def test_every_tensor_has_a_line(tmp_path):
    lines = list(listing(by_kept(tmp_path / "a.keras")))
    assert sum(" crc32:" in line for line in lines) == len(ARRAYS)


def test_when_a_file_was_saved_and_its_size_are_not_in_it(tmp_path):
    a = list(listing(by_kept(tmp_path / "a.keras")))
    assert not any("2026" in line for line in a)


def test_another_value_changes_one_line(tmp_path):
    changed = ARRAYS | {"layers/scaled/vars/0": np.zeros(4, "float32")}
    tensors = {path: NewTensor.of(array) for path, array in changed.items()}
    a, b = listing(by_kept(tmp_path / "a.keras")), listing(by_kept(tmp_path / "b.keras", tensors=tensors))
    assert sum(one != other for one, other in zip(a, b, strict=True)) == 1


@pytest.mark.parametrize("name", ["trained.keras", "trained.weights.h5", "legacy.h5", "sharded.weights.json"])
def test_real_files_of_every_format_are_listed(name):
    lines = list(listing(GOLDEN / "keras_3_15_1" / name))
    assert sum(" crc32:" in line for line in lines) >= 8


def test_what_cannot_be_read_is_one_error(tmp_path):
    with pytest.raises(UnknownFormatError, match="no such file"):
        list(listing(tmp_path / "none"))
