"""The report for people, in whole: these texts are what a person sees."""

import re
from dataclasses import replace

import pytest

from kept.errors import Problem, SerializationError
from kept.proof import Level, Outcome, Proof, Repair
from kept.report import Failure, Report, text
from kept.report._style import size

PROVEN = Proof(
    "model.keras",
    12_400_000,
    level=Level.OUTPUTS,
    backend="jax",
    device="cpu",
    variable_count=34,
    outputs=Outcome.EQUAL,
    seconds=4.55,
)
REPAIRED = replace(
    PROVEN,
    path="checkpoints/best.keras",
    repairs=(Repair("model.layers[1]", "Scaled has no get_config; arguments read from its constructor", "write one"),),
    stock=("train.py:9 Scaled is not registered",),
)
REFUSED = SerializationError(
    "the model was not saved",
    problems=[Problem("nothing can encode a Sampler", "model.layers[2].sampler", "a value with a codec", "a Sampler")],
    hint="build it inside Mixture.__init__",
)


def shown(task, *entries, **look):
    return text.render(Report.of(task, entries), **look)


def test_what_was_proven_comes_first_and_what_was_repaired_below_its_file():
    assert shown("save", PROVEN, REPAIRED) == (
        "kept  2 saves proven in 9.1 s, each loaded in a fresh process\n"
        "\n"
        "  model.keras               12.4 MB   34 variables and outputs equal\n"
        "  checkpoints/best.keras    12.4 MB   34 variables and outputs equal\n"
        "      repaired  model.layers[1] Scaled has no get_config; arguments read from\n"
        "                its constructor\n"
        "      edit      write one\n"
        "\n"
        "  Plain Keras could not have loaded checkpoints/best.keras: train.py:9 Scaled is\n"
        "    not registered.\n"
    )


def test_what_could_not_be_saved_says_why_and_what_to_do():
    assert shown("save", PROVEN, Failure.of("other.keras", REFUSED)) == (
        "kept  1 of 2 saves proven in 4.5 s, 1 failed\n"
        "\n"
        "  model.keras    12.4 MB   34 variables and outputs equal\n"
        "  other.keras              not saved\n"
        "      error     the model was not saved\n"
        "      problem   model.layers[2].sampler: nothing can encode a Sampler\n"
        "      expected  a value with a codec\n"
        "      found     a Sampler\n"
        "      hint      build it inside Mixture.__init__\n"
    )


def test_a_difference_is_told_in_full():
    differs = replace(PROVEN, problems=(Problem("values differ", "model.layers[0].kernel", "1.0", "2.0"),))
    assert shown("verify", differs) == (
        "kept  0 of 1 file verified in 4.5 s, 1 differs\n"
        "\n"
        "  model.keras    12.4 MB   1 difference from what was saved\n"
        "      problem   model.layers[0].kernel: values differ\n"
        "      expected  1.0\n"
        "      found     2.0\n"
    )


def test_a_run_without_a_save_says_so():
    assert shown("save") == "kept  no model was saved\n"


@pytest.mark.parametrize(
    ("changes", "statement"),
    [
        ({"level": Level.STRUCTURE}, "structure equal"),
        ({"level": Level.WEIGHTS, "variable_count": 1}, "1 variable equal"),
        ({"outputs": Outcome.NOT_COMPARED}, "34 variables equal, outputs not compared"),
        ({"outputs": Outcome.CLOSE}, "34 variables equal, outputs close"),
        ({"level": Level.RESUME, "resume": Outcome.EQUAL}, "34 variables, outputs and next step equal"),
        ({"level": None}, "not proven"),
    ],
)
def test_the_statement_claims_what_was_compared_and_no_more(changes, statement):
    row = shown("save", replace(PROVEN, **changes)).splitlines()[2]
    assert row.endswith(f"12.4 MB   {statement}")


def test_why_outputs_were_not_compared_is_told():
    unknown = replace(PROVEN, outputs=Outcome.NOT_COMPARED, outputs_note="nothing says what the inputs are")
    assert "      outputs   nothing says what the inputs are\n" in shown("save", unknown)


def test_a_file_saved_often_is_one_line():
    lines = shown("save", PROVEN, PROVEN, PROVEN).splitlines()
    assert lines[0].startswith("kept  3 saves proven")
    assert lines[3:] == ["      saved     3 times, this is the last"]


def test_long_details_are_cut_unless_asked_for():
    many = replace(PROVEN, repairs=tuple(Repair(f"model.layers[{n}]", "was repaired") for n in range(9)))
    assert "      +3 more, -v shows them\n" in shown("save", many)
    assert "model.layers[8]" in shown("save", many, verbose=True)


def test_a_long_path_stands_on_a_line_of_its_own():
    path = "experiments/2026/november/" + "run" * 9 + ".keras"
    lines = shown("save", replace(PROVEN, path=path)).splitlines()
    assert lines[2] == f"  {path}"
    assert lines[3].endswith("12.4 MB   34 variables and outputs equal")


@pytest.mark.parametrize("width", [66, 80, 110])
def test_no_line_is_wider_than_asked_for(width):
    long = replace(REPAIRED, stock=("a reason " * 30,), repairs=(Repair("model", "word " * 60),))
    assert max(map(len, shown("save", long, width=width).splitlines())) <= width


def test_colour_marks_without_changing_a_word():
    plain, coloured = (shown("save", PROVEN, Failure.of("m", REFUSED), colour=colour) for colour in (False, True))
    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize(
    ("nbytes", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (5e12, "5000.0 GB")],
)
def test_sizes_are_decimal(nbytes, expected):
    assert size(int(nbytes)) == expected
