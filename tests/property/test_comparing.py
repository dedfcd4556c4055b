"""Laws of comparing: a file is equal to itself, and the answer is the same from either side."""

import json
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import kept
from kept.comparing.listing import listing
from kept.errors import KeptError
from kept.formats.artifact import NewTensor
from kept.tree.diff import diff
from kept.tree.parse import parse
from tests.inspecting.files import by_keras, layer, model
from tests.property.test_inspecting import PATHS
from tests.property.test_tree import CONFIGS

QUICK = settings(max_examples=60, deadline=None)

CLASSES = st.sampled_from(["Dense", "ReLU", "Conv2D"])
NAMES = st.sampled_from(["dense", "dense_1", "re_lu", "stem", "head"])
LAYERS = st.builds(lambda kind, name, units: layer(kind, name, units=units), CLASSES, NAMES, st.integers(1, 2))
MODELS = st.lists(LAYERS, max_size=6).map(lambda layers: model(*layers))
VALUES = st.lists(st.floats(width=32), min_size=1, max_size=4).map(lambda values: np.array(values, "float32"))
TENSORS = st.dictionaries(PATHS, VALUES, max_size=6)


def made(folder, name, config, tensors):
    alone = {path for path in tensors if not any(other.startswith(f"{path}/") for other in tensors)}
    held = {path: NewTensor.of(tensors[path]) for path in sorted(alone)}
    return by_keras(Path(folder, name), config=config, tensors=held, attributes={})


@QUICK
@given(config=CONFIGS | MODELS)
def test_a_config_is_equal_to_itself(config):
    assert not any(one.differs for one in diff(parse(config), parse(config)))


@QUICK
@given(a=CONFIGS | MODELS, b=CONFIGS | MODELS)
def test_configs_differ_the_same_way_from_either_side(a, b):
    one, other = diff(parse(a), parse(b)), diff(parse(b), parse(a))

    def told(pairs):
        return sorted(
            repr((pair.a, pair.b, pair.places, pair.moved, sorted(map(repr, pair.changes)))) for pair in pairs
        )

    assert told(one) == told(pair.mirrored() for pair in other)


def told(tensor):
    """What is told of a tensor, without its label."""
    return [tensor.what, *(stored.path if stored else "" for stored in (tensor.a, tensor.b))]


@QUICK
@given(config=CONFIGS | MODELS, tensors=TENSORS)
def test_a_file_is_equal_to_another_of_the_same_content(config, tensors):
    with tempfile.TemporaryDirectory() as folder:
        a, b = (made(folder, name, {**config, "z": name}, tensors) for name in ("a.keras", "b.keras"))
        found = kept.diff(a, b, ignore=["z"])
    assert not found, str(found)


@QUICK
@given(a=CONFIGS | MODELS, b=CONFIGS | MODELS, left=TENSORS, right=TENSORS)
def test_files_differ_the_same_way_from_either_side(a, b, left, right):
    with tempfile.TemporaryDirectory() as folder:
        paths = made(folder, "a.keras", a, left), made(folder, "b.keras", b, right)
        one, other = kept.diff(*paths), kept.diff(*paths[::-1]).mirrored()
    assert str(one)
    assert json.dumps(one.to_dict(), allow_nan=False)
    assert (one.differs, one.compiled, one.versions) == (other.differs, other.compiled, other.versions)
    assert sorted((layer.a or "", layer.b or "", layer.moved) for layer in one.layers) == sorted(
        (layer.a or "", layer.b or "", layer.moved) for layer in other.layers
    )
    assert sorted(map(told, one.tensors)) == sorted(map(told, other.tensors))


@QUICK
@given(config=CONFIGS | MODELS, tensors=TENSORS)
def test_any_file_is_listed_the_same_way_twice_in_printable_lines(config, tensors):
    with tempfile.TemporaryDirectory() as folder:
        path = made(folder, "a.keras", config, tensors)
        lines = list(listing(path))
        assert lines == list(listing(path))
    assert all(line.isprintable() for line in lines)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_file_with_one_other_byte_is_compared_or_refused(data):
    with tempfile.TemporaryDirectory() as folder:
        whole = made(
            folder, "a.keras", model(layer("Dense", "stem", units=2)), {"layers/dense/vars/0": np.ones(3, "float32")}
        )
        content = bytearray(whole.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        Path(folder, "b.keras").write_bytes(content)
        try:
            found = kept.diff(whole, Path(folder, "b.keras"))
        except KeptError:
            return
    assert str(found)
