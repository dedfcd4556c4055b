import json

import ml_dtypes
import numpy as np
import pytest

from kept.errors import SerializationError
from kept.formats import safetensors
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
from tests.formats.samples import new_tensors

ARRAYS = {
    "mask": np.array([True, False, True]),
    "layers/dense/vars/0": np.arange(12, dtype="<f4").reshape(3, 4),
    "half": np.ones((3, 2), ml_dtypes.bfloat16),
    "eighth": np.arange(4).astype(ml_dtypes.float8_e4m3fn),
    "turned": np.arange(12, dtype="<f8").reshape(3, 4).T,
    "big_endian": np.arange(5, dtype=">i2"),
    "complex": np.array([1 + 2j], "<c8"),
    "scalar": np.array(7, "<u8"),
    "empty": np.zeros((3, 0), "<f2"),
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("path", ARRAYS)
def test_every_kind_of_array_comes_back_bit_for_bit(file, path):
    safetensors.write(str(file), new_tensors(ARRAYS))
    with open_artifact(file) as artifact:
        found = artifact.tensors[path].read()
    expected = ARRAYS[path].astype(ARRAYS[path].dtype.newbyteorder("<"))
    assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_every_array_lies_where_it_was_said_and_aligned(file):
    written = safetensors.write(str(file), new_tensors(ARRAYS))
    with open_artifact(file) as artifact:
        for path, told in written.tensors.items():
            assert (artifact.tensors[path].offset, artifact.tensors[path].checksum()) == (told.offset, told.checksum)
            assert (told.offset or 0) % artifact.tensors[path].read().dtype.alignment == 0
            assert not (told.nbytes and artifact.tensors[path].read().flags.owndata)


def test_texts_are_carried_along(file):
    safetensors.write(str(file), new_tensors({"x": np.ones(2)}), {"format": "keras", "step": "7"})
    with open_artifact(file) as artifact:
        assert artifact.extras["metadata"] == {"format": "keras", "step": "7"}


def test_the_header_is_what_the_format_says(file):
    safetensors.write(str(file), new_tensors({"b": np.ones(3, "u1"), "a": np.ones((1, 2), "<f4")}))
    data = file.read_bytes()
    nbytes = int.from_bytes(data[:8], "little")
    assert json.loads(data[8 : 8 + nbytes]) == {
        "a": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
        "b": {"dtype": "U8", "shape": [3], "data_offsets": [8, 11]},
    }
    assert ((8 + nbytes) % 64, len(data)) == (0, 8 + nbytes + 11)


def test_a_file_of_nothing_is_opened(file):
    safetensors.write(str(file), {})
    with open_artifact(file) as artifact:
        assert artifact.tensors == {}


@pytest.mark.parametrize(("path", "array"), [("x", np.ones(2, "c16")), ("__metadata__", np.ones(2))])
def test_what_the_format_lacks_is_refused(file, path, array):
    with pytest.raises(SerializationError, match=f"{path}: safetensors cannot hold it"):
        safetensors.write(str(file), new_tensors({path: array}))
    assert not file.exists()


def test_a_tensor_that_changes_while_it_is_written_is_refused(file):
    with pytest.raises(SerializationError, match="x: a tensor changed while it was being saved"):
        safetensors.write(str(file), {"x": NewTensor((3,), "float32", lambda: np.ones(2, "float32"))})
