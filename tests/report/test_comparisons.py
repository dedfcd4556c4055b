"""How a comparison is told: the answer first, then what changed in the order of the model."""

import numpy as np
import pytest

import kept
from kept.formats.artifact import NewTensor
from kept.report import Report, text
from tests.inspecting.files import by_keras, layer, model

INPUT = layer("InputLayer", "x", batch_shape=[None, 4])


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The lines that tell what differs between two models; tensors are given by inner path."""
    monkeypatch.chdir(tmp_path)

    def run(a, b, tensors_a=None, tensors_b=None, *, width=80, verbose=False, **options):
        for name, config, tensors in (("a.keras", a, tensors_a), ("b.keras", b, tensors_b)):
            held = {path: NewTensor.of(np.asarray(array)) for path, array in (tensors or {}).items()}
            by_keras(tmp_path / name, config=config, tensors=held, attributes={})
        found = kept.diff("a.keras", "b.keras", **options)
        return text.render(Report("diff", comparisons=(found,)), width=width, verbose=verbose).splitlines()

    return run


def test_equal_files_are_told_in_two_lines(told):
    assert told(model(INPUT, z=1), model(INPUT, z=2), ignore=["z"]) == [
        "a.keras and b.keras are equal",
        "1 layer and 0 tensors in both",
        "",
        "  Ignored: z (1).",
    ]


def test_the_same_bytes_are_told_in_one_line(told):
    assert told(model(INPUT), model(INPUT)) == ["a.keras and b.keras are the same to the byte"]


def test_settings_stand_below_their_layer(told):
    a, b = (model(INPUT, layer("Dense", "head", units=n, activation=f)) for n, f in ((8, "relu"), (16, "gelu")))
    assert told(a, b) == [
        "a.keras and b.keras differ: settings of 1 layer",
        "2 layers and 0 tensors in both",
        "",
        "  head  Dense",
        "    units       8 -> 16",
        "    activation  relu -> gelu",
    ]


def test_weights_are_a_table(told):
    config = model(INPUT, layer("Dense", "stem"), layer("Dense", "head"))
    ones = {"layers/dense/vars/0": np.ones(4, "float32"), "layers/dense_1/vars/0": np.ones(4, "float32")}
    assert told(config, config, ones, ones | {"layers/dense_1/vars/0": np.full(4, 1.5, "float32")}) == [
        "a.keras and b.keras differ: weights of 1 layer",
        "3 layers and 2 tensors in both; 1 tensor differs",
        "",
        "  layer  class  tensors  largest  relative",
        "  head   Dense   1 of 1      0.5      33 %",
    ]


def test_added_removed_renamed_and_moved_layers_are_told_by_a_word(told):
    a = model(layer("A", "a"), layer("B", "b"), layer("C", "c"), layer("Dropout", "drop"), layer("Z", "old"))
    b = model(layer("B", "b"), layer("C", "c"), layer("A", "a"), layer("Softmax", "soft"), layer("Z", "new"))
    assert told(a, b) == [
        "a.keras and b.keras differ: 1 layer added, 1 layer removed, 1 renamed, 1 moved",
        "4 layers and 0 tensors in both",
        "",
        "  drop  Dropout  removed",
        "  a     A",
        "    place  1 -> 3",
        "  soft  Softmax  added",
        "  renamed   old -> new",
    ]


def test_shapes_types_and_nan_are_told_of_each_tensor(told):
    config = model(layer("Dense", "d"))
    a = {f"layers/dense/vars/{n}": np.ones(4, "float32") for n in range(3)}
    b = {**a, "layers/dense/vars/0": np.ones((2, 2), "float32"), "layers/dense/vars/1": np.ones(4, "float16")}
    lines = told(config, config, a, b | {"layers/dense/vars/2": np.array([1, 1, 1, np.nan], "float32")})
    assert lines[-3:] == [
        "    vars/0  (4,) -> (2, 2)",
        "    vars/1  float32 -> float16",
        "    vars/2  1 of 4 numbers by at most 0, 0 %, 1 NaN in one of the two",
    ]


def test_a_long_table_shows_its_beginning_and_its_end(told):
    a, b = (model(*[layer("Dense", f"d{index}", units=n) for index in range(60)]) for n in (1, 2))
    lines = told(a, b)
    assert "  ... 28 more layers; -v shows all" in lines
    assert len(told(a, b, verbose=True)) > 120


@pytest.mark.parametrize("width", [66, 80, 110])
def test_no_line_is_wider_than_the_screen(told, width):
    name = "a_layer_with_a_name_" * 6
    a, b = (model(layer("Dense", name, units=n, vocabulary=["word"] * n * 9)) for n in (1, 2))
    tensors = [{"layers/dense/vars/0": np.full(3, n, "float32")} for n in (1, 2)]
    assert max(map(len, told(a, b, *tensors, width=width))) <= width


def test_nothing_from_a_file_reaches_the_terminal_unescaped(told):
    a, b = (
        model(layer("De\x1bnse", "d\x1b[2J", units=f"\x1b{n}"), compile_config={"loss": f"\x1b{n}"}) for n in (1, 2)
    )
    tensors = {"layers/de/vars/0": np.ones(1, "float32")}
    assert "\x1b" not in "\n".join(told(a, b, tensors, {}, verbose=True))


def test_what_was_ignored_for_nothing_is_told(told):
    lines = told(model(layer("Dense", "d", units=1)), model(layer("Dense", "d", units=2)), ignore=["vresions"])
    assert lines[-1] == "  Nothing to ignore for: vresions."
