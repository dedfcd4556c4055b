"""`kept fix` on the command line."""

import os
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kept.cli.fix import command
from tests.fixing.test_run import FIXED, LAYER

LAMBDA = "import keras\n\nmodel = keras.Sequential([keras.layers.Lambda(lambda x: x + 1)])\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, **options):
        told = CliRunner().invoke(command, [*arguments, "--no-cache"], standalone_mode=False, **options)
        return Told(told.return_value, told.stdout, told.stderr)

    return call


@dataclass
class Told:
    """What the command has said."""

    exit_code: int
    stdout: str
    stderr: str


def written(name, text):
    Path(name).write_text(text)


def read(name):
    return Path(name).read_text()


def test_safe_edits_are_made_and_told(run):
    written("a.py", LAYER)
    told = run("a.py")
    assert told.exit_code == 0
    assert told.stdout == "a.py  init-without-kwargs\n\n1 mended in 1 file\n"
    assert read("a.py") == FIXED


def test_a_second_run_finds_nothing(run):
    written("a.py", LAYER)
    run(".")
    assert run(".").stdout == "nothing to mend in 1 file\n"


def test_unsafe_edits_are_counted_and_not_made(run):
    written("a.py", LAMBDA)
    told = run("a.py")
    assert told.exit_code == 1
    assert told.stdout == "nothing to mend in 1 file; 1 more with --unsafe-fixes\n"
    assert read("a.py") == LAMBDA


def test_unsafe_edits_are_made_where_that_is_asked(run):
    written("a.py", LAMBDA)
    assert run("--unsafe-fixes", "a.py").exit_code == 0
    assert "def lambda_function(x):\n    return x + 1\n" in read("a.py")


def test_a_diff_is_shown_and_nothing_changed(run):
    written("a.py", LAYER)
    told = run("--diff", "a.py")
    assert told.exit_code == 1
    assert told.stdout.startswith("--- a/a.py\n+++ b/a.py\n@@ ")
    assert "-        super().__init__()\n" in told.stdout
    assert "+        super().__init__(**kwargs)\n" in told.stdout
    assert told.stderr == "a.py  init-without-kwargs\n\n1 would be mended in 1 file\n"
    assert read("a.py") == LAYER


def test_there_is_no_diff_where_nothing_would_change(run):
    written("a.py", "x = 1\n")
    told = run("--diff", "a.py")
    assert (told.exit_code, told.stdout) == (0, "")


def test_standard_input_comes_back_mended_on_standard_output(run):
    told = run("-", input=LAYER)
    assert told.exit_code == 0
    assert told.stdout == FIXED
    assert told.stderr.endswith("1 mended in 1 file\n")


def test_standard_input_comes_back_as_it_was_where_nothing_is_wrong(run):
    told = run("-", "--quiet", "--stdin-filename", "a.py", input="x = 1\n")
    assert (told.exit_code, told.stdout, told.stderr) == (0, "x = 1\n", "")


def test_standard_input_is_mended_alone(run):
    written("a.py", LAYER)
    with pytest.raises(click.UsageError, match="standard input is mended alone"):
        CliRunner().invoke(command, ["-", "a.py"], input=LAYER, standalone_mode=False, catch_exceptions=False)


def test_what_is_left_is_told_with_the_reason(run):
    written("a.py", f"{LAMBDA}\n\ndef build(k):\n    return keras.Sequential([keras.layers.Lambda(lambda x: k * x)])\n")
    told = run("--unsafe-fixes", "a.py")
    assert told.exit_code == 1
    assert "left for you:\n  a.py:13:50  lambda-in-model: it uses k of the function around it\n" in told.stdout
    assert told.stdout.endswith("1 mended in 1 file; 1 for you\n")


def test_a_file_that_cannot_be_parsed_is_told_and_left_alone(run):
    written("a.py", "import keras\ndef\n")
    told = run("a.py")
    assert told.exit_code == 1
    assert "unreadable-source: it is for a person to mend" in told.stdout
    assert read("a.py") == "import keras\ndef\n"


def test_rules_are_chosen_as_for_a_check(run):
    written("a.py", LAYER + LAMBDA)
    run("--unsafe-fixes", "--select", "KPT112", "a.py")
    assert "lambda_function" in read("a.py")
    assert "**kwargs" not in read("a.py")


@pytest.mark.parametrize("arguments", [(), ("--diff",)])
def test_a_name_that_is_no_text_is_shown_escaped(run, arguments):
    name = os.fsdecode(b"\xff.py")
    written(name, LAYER)
    told = run(name, *arguments)
    assert "\\udcff.py" in told.stdout
    assert (read(name) == LAYER) == bool(arguments)
