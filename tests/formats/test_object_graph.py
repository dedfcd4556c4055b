"""Graphs of objects in a SavedModel, crafted: loops, strays, and both ways of counting."""

import json

import numpy as np
import pytest

from kept.errors import CorruptFileError, LimitExceededError
from kept.formats.base import open_artifact
from tests.formats.bundles import entry, message, saved_model, texts, write_bundle

KERNEL = np.arange(6, dtype="float32").reshape(3, 2)
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def child(node, name):
    return message((1, node), (2, name))


def tracked(children, *values):
    """An object of the checkpoint; `values` are (name of the variable, key)."""
    held = [(2, message((1, "VARIABLE_VALUE"), (2, name), (3, key))) for name, key in values]
    return message(*((1, child(*one)) for one in children), *held)


def saved(children, identifier="", metadata=None):
    """An object of the program."""
    text = json.dumps(metadata) if metadata is not None else ""
    user = [(4, message((1, identifier), (3, text)))] if identifier else []
    return message(*((1, child(*one)) for one in children), *user)


def objects(*nodes):
    return message(*((1, node) for node in nodes))


def layer(class_name, name, **config):
    return {"class_name": class_name, "name": name, "config": config}


ROOT = layer("Sequential", "net", layers=[])
LAYER = layer("Dense", "a", units=2)


@pytest.fixture
def opened(tmp_path):
    def run(program, checkpoint, arrays):
        (tmp_path / "saved_model.pb").write_bytes(saved_model(objects=program))
        write_bundle(tmp_path / "variables" / "variables", arrays)
        if checkpoint:
            write_scalar(tmp_path, arrays, checkpoint)
        with open_artifact(tmp_path) as artifact:
            return artifact

    return run


def write_scalar(folder, arrays, checkpoint):
    """The graph of objects is one text, without dimensions."""
    data, crc = texts([checkpoint])
    start = sum(array.nbytes for array in arrays.values())
    more = {b"_CHECKPOINTABLE_OBJECT_GRAPH": entry("string", (), 0, start, len(data), crc)}
    write_bundle(folder / "variables" / "variables", arrays, more=more)
    with (folder / "variables" / "variables.data-00000-of-00001").open("ab") as file:
        file.write(data)


def test_objects_are_matched_by_their_names_not_by_their_numbers(opened):
    program = objects(
        saved([(1, "a")], "_tf_keras_sequential", ROOT), saved([(2, "kernel")], "_tf_keras_layer", LAYER), saved([])
    )
    checkpoint = objects(tracked([(2, "a")]), tracked([], ("a/kernel", f"a/kernel{VALUE}")), tracked([(1, "kernel")]))
    artifact = opened(program, checkpoint, {f"a/kernel{VALUE}": KERNEL})
    assert [(one.path, one.tensors) for one in artifact.extras["objects"].inner] == [("a", ("a/kernel",))]
    assert artifact.extras["names"] == {"a/kernel": "a/kernel"}


def test_objects_that_hold_each_other_end(opened):
    program = objects(
        saved([(1, "a"), (0, "self")], "_tf_keras_sequential", ROOT),
        saved([(0, "owner"), (1, "self"), (2, "kernel")], "_tf_keras_layer", LAYER),
        saved([(1, "layer")]),
    )
    checkpoint = objects(
        tracked([(1, "a"), (0, "self")]),
        tracked([(0, "owner"), (2, "kernel")]),
        tracked([(1, "layer")], ("k", f"a/kernel{VALUE}")),
    )
    model = opened(program, checkpoint, {f"a/kernel{VALUE}": KERNEL}).extras["objects"]
    assert [(one.path, one.tensors, one.inner) for one in model.inner] == [("a", ("a/kernel",), ())]


@pytest.mark.parametrize("node", [7, -1, 1 << 40])
def test_an_object_that_is_not_there_is_refused(opened, node):
    with pytest.raises(CorruptFileError, match="objects: an object that is not there"):
        opened(objects(saved([(node, "a")], "_tf_keras_sequential", ROOT)), b"", {"a": KERNEL})


def test_metadata_of_an_object_that_is_not_there_is_refused(opened, tmp_path):
    nodes = [message((2, 0), (4, "_tf_keras_sequential"), (5, json.dumps(ROOT)))]
    nodes.append(message((2, 9), (4, "_tf_keras_layer"), (5, json.dumps(LAYER))))
    (tmp_path / "keras_metadata.pb").write_bytes(objects(*nodes))
    artifact = opened(objects(saved([])), b"", {"a": KERNEL})
    assert artifact.extras["objects"].inner == ()


def test_layers_nested_without_end_are_limited(opened):
    chain = [saved([(at + 1, "next")], "_tf_keras_layer", LAYER) for at in range(1, 300)]
    program = objects(saved([(1, "next")], "_tf_keras_sequential", ROOT), *chain, saved([]))
    with pytest.raises(LimitExceededError, match="layers are nested too deep"):
        opened(program, b"", {"a": KERNEL})


def test_metadata_that_is_no_json_is_refused(opened, tmp_path):
    node = message((2, 0), (4, "_tf_keras_sequential"), (5, "{"))
    (tmp_path / "keras_metadata.pb").write_bytes(objects(node))
    with pytest.raises(CorruptFileError, match=r"keras_metadata\.pb: _tf_keras_sequential 0: not JSON"):
        opened(objects(saved([])), b"", {"a": KERNEL})


def test_a_graph_of_objects_that_is_no_text_is_refused(opened):
    with pytest.raises(CorruptFileError, match="not a graph of objects"):
        opened(objects(saved([])), b"", {"_CHECKPOINTABLE_OBJECT_GRAPH": KERNEL})
