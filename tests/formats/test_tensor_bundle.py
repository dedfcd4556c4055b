"""TensorFlow's checkpoints, sound and damaged ones, written without TensorFlow."""

from contextlib import ExitStack

import ml_dtypes
import numpy as np
import pytest

from kept.errors import CorruptFileError, KeptError, LimitExceededError, UnsupportedVersionError
from kept.formats.tensorflow.bundle import read_bundle, slice_key
from kept.limits import DEFAULT_LIMITS, Limits
from tests.formats.bundles import entry, extents, message, partitioned, write_bundle

KERNEL = np.arange(12, dtype="float32").reshape(3, 4)
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
ROWS = np.arange(20, dtype="int32").reshape(5, 4)


@pytest.fixture
def opened(tmp_path):
    """Writes a checkpoint and opens it."""
    with ExitStack() as resources:

        def run(arrays, limits=DEFAULT_LIMITS, **how):
            write_bundle(tmp_path / "model", arrays, **how)
            return read_bundle(tmp_path / "model", limits, resources)

        yield run


def refusal(opened, *arguments, kind=CorruptFileError, **how):
    with pytest.raises(kind) as caught:
        opened(*arguments, **how)
    assert caught.value.path.endswith("model.index")
    return str(caught.value)


def whole(*slices, shape=(5, 4), dtype="int32"):
    """The entry of a partitioned variable."""
    return {b"rows": entry(dtype, shape, slices=slices)}


def test_the_ending_of_every_variable_is_no_part_of_its_path(opened):
    bundle = opened({f"dense/kernel{VALUE}": KERNEL, "save_counter": np.array(3)})
    assert dict(bundle.keys) == {"dense/kernel": f"dense/kernel{VALUE}", "save_counter": "save_counter"}
    assert bundle.tensors["dense/kernel"].read().tobytes() == KERNEL.tobytes()


def test_a_path_that_two_keys_would_have_stays_a_key(opened):
    assert set(opened({f"a{VALUE}": KERNEL, "a": KERNEL[0]}).tensors) == {"a", f"a{VALUE}"}


def test_tensors_are_mapped_where_they_lie(opened):
    tensor = opened({"a": KERNEL, "b": ROWS}).tensors["b"]
    assert (tensor.offset, tensor.source.path.name) == (KERNEL.nbytes, "model.data-00000-of-00001")
    assert not tensor.read().flags.owndata


def test_several_shards_are_one_checkpoint(opened):
    bundle = opened({"a": KERNEL, "b": ROWS, "c": np.array(1.5)}, shard_count=3)
    assert [tensor.source.path.name[-14:] for tensor in bundle.tensors.values()] == [
        "00000-of-00003",
        "00001-of-00003",
        "00002-of-00003",
    ]
    bundle.check()


@pytest.mark.parametrize(
    "dtype", ["bool", "uint16", "complex128", "float16", ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.int4]
)
def test_every_type_is_read_bit_for_bit(opened, dtype):
    array = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    found = opened({"a": array}).tensors["a"].read()
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_texts_are_bytes_as_they_are(opened):
    bundle = opened({"words": [b"un", b"", b"\xff\0x"]})
    assert bundle.tensors["words"].dtype == "string"
    assert bundle.tensors["words"].read().tolist() == [b"un", b"", b"\xff\0x"]
    bundle.check()


HALVES = (extents((0, 2), None), extents((2, 3), None))


def test_a_partitioned_variable_is_one_tensor(opened):
    bundle = opened(partitioned("rows", ROWS, (0, 2, 5)), more=whole(*HALVES), shard_count=2)
    assert list(bundle.tensors) == ["rows"]
    assert bundle.tensors["rows"].read().tolist() == ROWS.tolist()
    bundle.check()


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        ((), "slices of no tensor, or of two"),
        (HALVES[:1], "its slices overlap, or leave a part out"),
        ((*HALVES, HALVES[0]), "its slices overlap, or leave a part out"),
        ((HALVES[0], extents((1, 4), None)), "a slice is missing, or of another kind"),
        ((HALVES[0], extents((2, 3))), "a slice is missing, or of another kind"),
    ],
)
def test_slices_that_make_no_whole_are_refused(opened, slices, said):
    more = whole(*slices) if slices else {}
    assert said in refusal(opened, partitioned("rows", ROWS, (0, 2, 5)), more=more)


def test_slices_that_overlap_where_their_sizes_fit_are_refused_when_read(opened):
    rows = {slice_key("rows", [(at, 2), (0, None)]): ROWS[:2] for at in (0, 1)}
    bundle = opened(rows, more=whole(extents((0, 2), None), extents((1, 2), None), shape=(4, 4)))
    with pytest.raises(CorruptFileError, match="overlap, or leave a part out"):
        bundle.tensors["rows"].read()


def test_a_slice_beyond_its_tensor_is_refused(opened):
    rows = {slice_key("rows", [(4, 2), (0, None)]): ROWS[:2]}
    assert "a slice does not fit its tensor" in refusal(opened, rows, more=whole(extents((4, 2), None)))


def test_a_slice_of_negative_length_is_refused(opened):
    rows = {slice_key("rows", [(3, -2), (0, None)]): ROWS[:2]}
    assert "a slice does not fit its tensor" in refusal(opened, rows, more=whole(extents((3, -2), None)))


def test_the_object_graph_is_no_tensor(opened):
    bundle = opened({"_CHECKPOINTABLE_OBJECT_GRAPH": [b"graph"], "a": KERNEL})
    assert list(bundle.tensors) == ["a"]
    assert bundle.objects.read().tolist() == [b"graph"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (entry("float32", (3, 4), nbytes=44), "its size does not fit its shape"),
        (entry("float32", (3, 4), offset=1, nbytes=48), "reaches beyond the end, or the file is cut"),
        (entry("float32", (3, 4), offset=-48, nbytes=48), "reaches beyond the end"),
        (entry("float32", (3, 4), nbytes=-48), "reaches beyond the end"),
        (entry("float32", (3, 4), shard=1, nbytes=48), "a shard that is not there"),
        (entry("float32", (3, 4), shard=-1, nbytes=48), "a shard that is not there"),
        (entry("float32", (3, -4), nbytes=48), "not a shape"),
        (entry("string", (49,), nbytes=48), "its size does not fit its shape"),
        (message((1, 1), (2, message((3, 1)))), "a tensor without a shape"),
    ],
)
def test_a_tensor_where_none_can_be_is_refused(opened, made, said):
    assert said in refusal(opened, {"a": KERNEL}, more={b"a": made})


def test_tensors_that_share_bytes_are_refused(opened):
    more = {b"b": entry("float32", (2, 4), offset=16, nbytes=32)}
    assert "b: tensors overlap" in refusal(opened, {"a": KERNEL}, more=more)


@pytest.mark.parametrize("lengths", [(1 << 40, 1 << 40), (0, 1 << 63), tuple([1] * 33)])
def test_a_shape_that_no_array_has_is_refused(opened, lengths):
    assert "a: " in refusal(opened, {}, more={b"a": entry("float32", lengths)}, kind=KeptError)


def test_types_that_only_tensorflow_knows_are_listed_and_not_read(opened):
    tensor = opened({"v": KERNEL}, more={b"v": entry("variant", (), nbytes=48)}).tensors["v"]
    assert (tensor.dtype, tensor.shape) == ("variant", ())
    with pytest.raises(UnsupportedVersionError, match="a tensor of type variant, which only TensorFlow can read"):
        tensor.read()


def test_a_type_of_the_future_is_refused(opened):
    more = {b"v": entry(77, (), nbytes=0)}
    assert "a type of no known number" in refusal(opened, {}, more=more, kind=UnsupportedVersionError)


@pytest.mark.parametrize("count", [0, -1, 1 << 40])
def test_a_number_of_shards_that_cannot_be_is_refused(opened, count):
    said = refusal(opened, {"a": KERNEL}, more={b"": message((1, count))}, kind=(CorruptFileError, LimitExceededError))
    assert "not a number of shards" in said


def test_a_missing_shard_is_named(opened, tmp_path):
    more = {b"": message((1, 2))}
    said = refusal(opened, {"a": KERNEL}, more=more)
    assert "model.data-00000-of-00002: a part of the checkpoint is missing" in said


def test_a_key_that_is_no_text_is_refused(opened):
    assert "a key is not UTF-8" in refusal(opened, {b"\xff": KERNEL})


def test_a_changed_value_is_noticed_when_asked(opened, tmp_path):
    bundle = opened({"a": KERNEL, "words": [b"un", b"deux"]})
    file = tmp_path / "model.data-00000-of-00001"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    with file.open("r+b") as changed:
        changed.write(data)
    with pytest.raises(CorruptFileError, match="words: damaged: its checksum is wrong"):
        bundle.check()


def test_lengths_of_texts_that_go_beyond_them_are_refused(opened):
    data = opened({"words": [b"un", b"deux"]})
    start = data.tensors["words"]
    more = {b"words": entry("string", (3,), nbytes=start.nbytes)}
    with pytest.raises(CorruptFileError, match="the lengths of its texts are damaged"):
        opened({"words": [b"un", b"deux"]}, more=more).tensors["words"].read()


def test_tensors_are_counted(opened):
    limits = Limits(tensor_count=2)
    assert "too large" in refusal(opened, {"a": KERNEL, "b": KERNEL}, limits=limits, kind=LimitExceededError)


@pytest.mark.parametrize(
    ("number", "encoded"),
    [
        (0, "80"),
        (1, "81"),
        (63, "bf"),
        (64, "c040"),
        (-1, "7f"),
        (-64, "40"),
        (-65, "3fbf"),
        (8191, "dfff"),
        (8192, "e02000"),
    ],
)
def test_numbers_in_keys_of_slices_keep_their_order(number, encoded):
    key = slice_key("n", [(number, None)])
    assert key.hex() == "00" + b"n".hex() + "0001" + "0101" + encoded + "7f"
