"""What is in a file, as text: calm, aligned, within 80 columns, and safe on a terminal."""

import re
from dataclasses import replace

import pytest

from kept.errors import KeptError
from kept.report import (
    Argument,
    Compiled,
    Graph,
    Inspection,
    Layer,
    RecordCheck,
    Report,
    Required,
    Signature,
    Stats,
    Stored,
    text,
)

KERNEL = Stored("layers/dense/vars/0", (3, 4), "float32", 48)
MODEL = Layer(
    "small",
    "small",
    "Functional",
    is_model=True,
    layers=(
        Layer("x", "x", "InputLayer", shape=(None, 3)),
        Layer("stem", "stem", "Dense", shape=(None, 4), tensors=(KERNEL,), summary="units=4"),
        Layer("own", "own", "acme>Scaled", is_custom=True, trainable=False, tensors=(replace(KERNEL, path="b"),)),
    ),
)
SMALL = Inspection(
    "small.keras",
    "keras_archive",
    ".keras archive",
    12_400_000,
    "2026-11-22 10:00:00",
    {"keras": "3.15.1", "backend": "jax", "kept": "0.1.0"},
    MODEL,
    compiled=Compiled("Adam", {"learning_rate": 0.001}, 4200, (KERNEL,), "mse", "mae"),
    required=(Required("__main__:Scaled", "Scaled", file="/somewhere/train.py", line=9, is_embedded=True),),
    record=RecordCheck(34, 34, outputs=True, device="cpu"),
)


def shown(one, **look):
    return text.render(Report("inspect", inspections=(one,)), **look)


def test_a_file_is_told_of_on_one_screen():
    assert shown(SMALL) == (
        "small.keras   .keras archive, 12.4 MB, Keras 3.15.1 on JAX,\n"
        "    saved 2026-11-22 10:00:00 by kept 0.1.0\n"
        'Functional "small"   24 parameters (96 B float32), 12 of them in frozen layers,\n'
        "    Adam at step 4,200\n"
        "record holds: 34 of 34 checksums equal, fingerprint from CPU\n"
        "\n"
        "  x     InputLayer  (None, 3)\n"
        "  stem  Dense       (None, 4)  12  48 B\n"
        "  own   Scaled *               12  48 B  frozen\n"
        "\n"
        "  compiled  Adam(learning_rate=0.001); loss mse; metrics mae; 1 tensor of state,\n"
        "            48 B\n"
        "  * Scaled is custom, from train.py:9; source inside (--source)\n"
    )


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (RecordCheck(34, device="cpu"), "record fits: 34 checksums not compared (--checksums), fingerprint from CPU,"),
        (RecordCheck(1, 1), "record holds: 1 of 1 checksum equal, no fingerprint"),
        (RecordCheck(34, 34, ("a", "b")), "record does not hold: 2 tensors of 34"),
        (RecordCheck(34, is_for_these_weights=False), "record does not hold: it is one of other weights"),
    ],
)
def test_the_record_is_told_of_in_one_line(record, line):
    assert line in shown(replace(SMALL, record=record)).splitlines()


def test_colour_is_for_what_matters_alone():
    plain, coloured = shown(SMALL), shown(SMALL, colour=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert "\x1b[32mrecord holds\x1b[0m" in coloured


def test_a_long_table_is_cut_in_the_middle_and_whole_when_asked_for():
    layers = tuple(Layer(f"d{index}", f"d{index}", "Dense") for index in range(200))
    one = replace(SMALL, model=replace(MODEL, layers=layers))
    assert "  ... 168 more layers; -v shows all\n" in shown(one)
    assert "  d100" not in shown(one)
    assert "  d100" in shown(one, verbose=True)


def test_no_line_is_wider_than_the_screen():
    layers = tuple(
        Layer(str(index), "block_with_a_long_name_" * 3, "GlobalAveragePooling3D" * 2, shape=(None, 10_000, 10_000, 3),
              tensors=(replace(KERNEL, shape=(10_000, 10_000)),))
        for index in range(3)
    )  # fmt: skip
    told = shown(replace(SMALL, model=replace(MODEL, layers=layers)))
    assert max(map(len, told.splitlines())) <= 80


def test_layers_inside_are_indented_and_wrappers_closed():
    inner = Layer("inner", "inner", "Sequential", is_model=True, layers=(Layer("inner/a", "a", "Dense"),))
    wrapper = Layer("both", "both", "Bidirectional", layers=(Layer("both/lstm", "lstm", "LSTM"),))
    one = replace(SMALL, model=replace(MODEL, layers=(inner, wrapper)))
    assert "\n    a " in shown(one)
    assert "lstm" not in shown(one)
    assert "\n    lstm " in shown(one, verbose=True)


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "\u202egnp.exe", "\x00", "a\rb", "\x9b2J"])
def test_names_in_a_file_cannot_speak_to_the_terminal(name):
    layer = Layer(name, name, name, is_custom=True, tensors=(replace(KERNEL, path=name, dtype="float32"),))
    one = replace(
        SMALL, path=name, saved=name, versions={"keras": name, "backend": name, "kept": name}, assets={name: 3},
        model=replace(MODEL, name=name, layers=(layer,)), compiled=Compiled(name, loss=name, metrics=name),
        required=(Required(f"{name}:{name}", name),), record=RecordCheck(3, differing=(name,), device=name),
    )  # fmt: skip
    told = shown(one, verbose=True) + text.view(one, tensors=True) + text.view(one, layers=[name])
    assert all(line.isprintable() for line in told.split("\n"))


def test_one_layer_is_shown_with_config_and_tensors():
    layer = replace(MODEL.layers[1], node="config.layers[1]", group="layers/dense", config={"units": 4})
    told = text.view(replace(SMALL, model=replace(MODEL, layers=(layer,))), layers=["stem"])
    assert told == (
        "stem   Dense   (None, 4)\n"
        "  in        small.keras\n"
        "  config    config.layers[1]\n"
        "  weights   layers/dense\n"
        "\n"
        "  units  4\n"
        "\n"
        "  layers/dense/vars/0  (3, 4)  float32  48 B\n"
    )


def test_a_layer_that_is_not_there_is_an_error_with_those_that_are():
    with pytest.raises(KeptError, match="there is no such layer") as error:
        text.view(SMALL, layers=["stm"])
    assert "stem" in error.value.hint


def test_numbers_that_are_not_finite_stand_out():
    stats = Stats(-1.0, 2.5, 0.25, 1.5, 3, 1, 12)
    layer = replace(MODEL.layers[1], tensors=(replace(KERNEL, stats=stats, holds=False),))
    one = replace(SMALL, model=replace(MODEL, layers=(layer,)), compiled=None)
    told = text.view(one, tensors=True)
    assert "  layers/dense/vars/0  (3, 4)  float32  48 B  damaged\n" in told
    assert "    min -1  max 2.5  mean 0.25  std 1.5  12 zero  3 NaN  1 infinite\n" in told


SIGNATURE = Signature("serve", (Argument("x", "float32", (None, 3)),), (Argument("y", "", None),))
GRAPH = Graph(("serve",), (SIGNATURE,), {"MatMul": 12, "Const": 3, **{f"Op{index}": 1 for index in range(8)}}, 2)
SERVED = Inspection(
    "served",
    "saved_model",
    "SavedModel folder",
    31_600,
    "",
    {"tensorflow": "2.21.0"},
    Layer("", "", tensors=(replace(KERNEL, path="variables/0", name="hidden/kernel"),)),
    graphs=(GRAPH,),
)


def test_a_graph_is_told_by_its_signatures_variables_and_operations():
    assert shown(SERVED) == (
        "served   SavedModel folder, 31.6 kB, TensorFlow 2.21.0\n"
        "graph   12 parameters (48 B float32)\n"
        "\n"
        "  variables/0  (3, 4)  float32  48 B  hidden/kernel\n"
        "\n"
        "  signature serve(x: float32 (None, 3)) -> y: of any shape\n"
        "  graph     serve; 23 operations of 10 kinds in 2 functions\n"
        "  ops       MatMul 12, Const 3, Op0 1, Op1 1, Op2 1, Op3 1, Op4 1, Op5 1, +2\n"
        "            kinds\n"
    )


def test_every_operation_is_told_when_asked():
    assert "Op6 1,\n            Op7 1\n" in shown(SERVED, verbose=True)


def test_names_in_a_graph_cannot_reach_the_terminal():
    evil = replace(GRAPH, tags=("\x1b[2J",), signatures=(replace(SIGNATURE, name="\x1b]0;x"),), ops={"\x07": 1})
    assert "\x1b" not in shown(replace(SERVED, graphs=(evil,)))
    assert "\\x1b[2J; 1 operation" in shown(replace(SERVED, graphs=(evil,)))


def test_checksums_of_the_file_itself_are_told():
    model = Layer("", "", tensors=(replace(KERNEL, holds=True), replace(KERNEL, path="b", holds=True)))
    assert "\n2 checksums of the file's own compared: all equal\n" in shown(replace(SERVED, model=model))
