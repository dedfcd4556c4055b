"""SavedModels that ask for more than they are: each a small builder, and the verdict."""

import tracemalloc

import numpy as np
import pytest

from kept.errors import KeptError, LimitExceededError
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.bundles import entry, graph, message, saved_model, table, varint, write_bundle

FEW = Limits(protobuf_message_count=10_000, protobuf_field_count=100_000)


def folder(path, data=None, entries=None):
    """A SavedModel whose graph, or whose index of tensors, is the given bytes."""
    path.mkdir(exist_ok=True)
    (path / "saved_model.pb").write_bytes(saved_model() if data is None else data)
    if entries is not None:
        write_bundle(path / "variables" / "variables", {"a": np.ones(3, "float32")}, more=entries)
    return path


def refused(path, limits=None):
    """The error; opening costs no memory to speak of."""
    tracemalloc.start()
    try:
        with pytest.raises(KeptError) as caught:
            open_artifact(path, *([limits] if limits else []))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    return caught.value


def test_many_nodes_out_of_few_bytes(tmp_path):
    nodes = b"\x0a\x00" * 200_000
    assert isinstance(refused(folder(tmp_path, saved_model(of=nodes)), FEW), LimitExceededError)


def test_many_objects_out_of_few_bytes(tmp_path):
    objects = message(*((1, b"") for _ in range(50_000)))
    assert isinstance(refused(folder(tmp_path, saved_model(objects=objects)), FEW), LimitExceededError)


def test_many_dimensions_out_of_few_bytes(tmp_path):
    entries = {b"a": message((1, 1), (2, b"\x12\x00" * 100_000))}
    assert isinstance(refused(folder(tmp_path, entries=entries), FEW), LimitExceededError)


def test_a_message_inside_itself_is_only_bytes(tmp_path):
    nested = b""
    for _ in range(5_000):
        nested = message((2, nested))
    with open_artifact(folder(tmp_path, saved_model((90, nested)))) as artifact:
        assert artifact.extras["graphs"][0].tags == ("serve",)


def test_a_function_that_calls_itself_is_only_counted(tmp_path):
    looped = graph(function=("double", "double"))
    with open_artifact(folder(tmp_path, saved_model(of=looped))) as artifact:
        assert artifact.extras["graphs"][0].function_ops == {}


@pytest.mark.parametrize("nbytes", [1 << 62, (1 << 63) - 1, -1])
def test_a_tensor_of_more_bytes_than_there_are(tmp_path, nbytes):
    entries = {b"a": entry("float32", (3,), nbytes=nbytes)}
    assert "a: " in str(refused(folder(tmp_path, entries=entries)))


def test_texts_that_are_more_than_their_bytes(tmp_path):
    entries = {b"a": entry("string", (1 << 40,), nbytes=12)}
    assert "its size does not fit its shape" in str(refused(folder(tmp_path, entries=entries)))


def test_a_million_slices_of_nothing(tmp_path):
    entries = {b"a": entry("float32", (0,), slices=[b""] * 20_000)}
    assert "limits" in refused(folder(tmp_path, entries=entries), FEW).__class__.__doc__


def test_shards_without_end_are_not_looked_for(tmp_path):
    entries = {b"": message((1, (1 << 31) - 1))}
    assert "not a number of shards" in str(refused(folder(tmp_path, entries=entries)))


def test_a_table_that_points_into_itself(tmp_path):
    path = folder(tmp_path, entries={})
    index = path / "variables" / "variables.index"
    data = bytearray(index.read_bytes())
    data[-48:-44] = varint(0) + varint(5) + varint(0)  # the block of blocks is the first one
    index.write_bytes(bytes(data))
    assert refused(path).path == str(index)


def test_a_table_of_another_program_is_refused_by_what_it_lacks(tmp_path):
    path = folder(tmp_path, entries={})
    (path / "variables" / "variables.index").write_bytes(table({b"key": b"value"}))
    assert refused(path).path.endswith("variables.index")
