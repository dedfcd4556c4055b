"""`kept diff`: what it prints, where, and the exit codes."""

import json
import shutil

import numpy as np
import pytest

from kept.cli import main
from kept.comparing.ignoring import WORDS
from kept.formats.artifact import NewTensor
from tests.conftest import ROOT
from tests.inspecting.files import ARRAYS, by_kept


@pytest.fixture
def diff(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    by_kept(tmp_path / "a.keras")
    shutil.copy(tmp_path / "a.keras", tmp_path / "same.keras")
    changed = ARRAYS | {"layers/scaled/vars/0": np.full(4, 1.001, "float32")}
    by_kept(tmp_path / "b.keras", tensors={path: NewTensor.of(array) for path, array in changed.items()})

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["diff", *map(str, arguments)])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


def test_equal_files_are_exit_code_zero(diff):
    assert diff("a.keras", "same.keras") == (0, "a.keras and same.keras are the same to the byte\n", "")


def test_other_files_are_told_on_stdout_and_are_exit_code_one(diff):
    code, out, err = diff("a.keras", "b.keras")
    assert (code, err) == (1, "")
    assert out.startswith("a.keras and b.keras differ: weights of 1 layer\n")


def test_what_cannot_be_read_is_told_on_stderr_and_is_exit_code_two(diff):
    assert diff("a.keras", "c.keras") == (2, "", "kept: c.keras: no such file or folder\n")


@pytest.mark.parametrize("files", [["a.keras"], ["a.keras", "b.keras", "a.keras"]])
def test_other_than_two_files_are_refused(diff, files):
    code, out, err = diff(*files)
    assert (code, out) == (2, "")
    assert "takes two files" in err


def test_quiet_gives_the_exit_code_alone(diff):
    assert diff("-q", "a.keras", "b.keras") == (1, "", "")


@pytest.mark.parametrize("given", ["0.01", "0.01,0", "0,1e-2"])
def test_a_tolerance_makes_close_numbers_equal(diff, given):
    code, out, _ = diff("--tolerance", given, "a.keras", "b.keras")
    assert code == 0
    assert "1 tensor equal within the tolerance, apart by at most 0.001" in " ".join(out.split())


@pytest.mark.parametrize("given", ["much", "1,2,3", "-1", "nan", ""])
def test_a_tolerance_that_is_none_is_refused(diff, given):
    code, _, err = diff("--tolerance", given, "a.keras", "b.keras")
    assert code == 2
    assert "such as 1e-5,1e-8" in err


def test_without_values_checksums_are_compared(diff):
    code, out, _ = diff("--quick", "a.keras", "b.keras")
    assert code == 1
    assert "another checksum" in out


def test_what_is_ignored_is_no_difference(diff):
    code, out, _ = diff("--ignore", "weights", "a.keras", "b.keras")
    assert code == 0
    assert out.endswith("  Ignored: weights (1).\n")


def test_json_is_one_object_that_can_be_written_to_a_file(diff, tmp_path):
    assert diff("--format", "json", "-o", "found.json", "a.keras", "b.keras") == (1, "", "")
    told = json.loads((tmp_path / "found.json").read_text(), parse_constant=pytest.fail)
    assert (told["task"], told["comparisons"][0]["differs"]) == ("diff", True)


def test_json_has_what_could_not_be_read(diff):
    code, out, _ = diff("--format", "json", "a.keras", "c.keras")
    assert (code, json.loads(out)["failures"][0]["kind"]) == (2, "UnknownFormatError")


def test_a_file_on_one_side_only_is_told(diff):
    code, out, _ = diff("/dev/null", "a.keras")
    assert code == 1
    assert out.startswith("a.keras is new\na.keras   .keras archive")


def test_every_word_to_ignore_is_in_the_help_and_the_documentation(diff):
    _, out, _ = diff("--help")
    page = (ROOT / "docs" / "diff.md").read_text()
    assert [word for word in WORDS if word not in out.split("WHAT is one of")[1] or f"`{word}`" not in page] == []
