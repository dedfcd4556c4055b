"""`kept check` on source: what it takes, what it prints, and the exit codes."""

import json
import os

import pytest

from kept.cli import main
from kept.report import outputs
from tests.checking.projects import BASE, CLEAN, LAMBDA, write
from tests.conftest import Python


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, src__layers=LAMBDA, src__base=BASE, clean=CLEAN)
    return tmp_path


@pytest.fixture
def check(capsysbinary):
    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["check", *arguments])
        shown = capsysbinary.readouterr()
        return ended.value.code, shown.out.decode(), shown.err.decode()

    return run


def rules(told):
    return [one["rule"] for one in json.loads(told)["checks"][0]["findings"]]


def test_findings_are_exit_code_one_and_show_their_line(check):
    code, out, err = check("src")
    assert (code, err) == (1, "")
    assert out.startswith("src/layers.py:3:66  lambda-in-model")
    assert "1 finding in 3 files" in out


def test_clean_source_is_exit_code_zero_and_quiet_says_nothing(check):
    assert check("clean.py")[:2] == (0, "nothing found in 1 file\n")
    assert check("-q", "clean.py")[:2] == (0, "")


def test_a_path_that_is_not_there_is_exit_code_two_and_the_others_are_checked(check):
    code, out, _ = check("--format", "json", "src", "nowhere.py")
    report = json.loads(out)
    assert code == 2
    assert [failure["path"] for failure in report["failures"]] == ["nowhere.py"]
    assert rules(out) == ["lambda-in-model"]


def test_a_rule_that_is_not_there_is_exit_code_two(check):
    code, out, err = check("src", "--select", "lamda-in-model")
    assert (code, out) == (2, "")
    assert "did you mean lambda-in-model?" in err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--select", "local-class"], 0),
        (["--ignore", "lambda-in-model"], 0),
        (["--exclude", "layers.py"], 0),
        (["--per-file-ignores", "src/*:lambda-in-model,KPT2"], 0),
        (["--per-file-ignores", "tests/*:lambda-in-model"], 1),
        (["--jobs", "1", "--no-cache"], 1),
    ],
)
def test_rules_and_files_are_chosen_by_options(options, code, check):
    assert check("src", *options)[0] == code


@pytest.mark.parametrize("value", ["src", "src:", ":KPT1"])
def test_a_pattern_without_rules_is_exit_code_two(value, check):
    code, _, err = check("src", "--per-file-ignores", value)
    assert code == 2
    assert "PATTERN:RULES" in err


@pytest.mark.parametrize("output", outputs())
def test_every_output_tells_of_source(output, check):
    code, out, _ = check("--format", output, "src")
    assert code == 1
    assert "lambda-in-model" in out or output == "junit"


def test_statistics_count_the_findings_of_each_rule(check):
    code, out, _ = check("--statistics", "src")
    assert code == 1
    assert out.split()[:2] == ["1", "lambda-in-model"]
    assert check("--statistics", "--format", "json", "src")[0] == 2


def test_the_report_goes_into_a_file_on_request(check, folder):
    assert check("--format", "concise", "-o", "found.txt", "src")[:2] == (1, "")
    assert (folder / "found.txt").read_text().startswith("src/layers.py:3:66: ")


def test_a_report_that_cannot_be_written_is_exit_code_two(check):
    code, _, err = check("-o", "no/such/folder.txt", "src")
    assert code == 2
    assert err.startswith("kept: no/such/folder.txt: the report cannot be written")


def test_comments_are_written_for_what_is_found(check, folder):
    code, out, err = check("--add-ignores", "src")
    assert (code, err) == (0, "kept: 1 comment written in 1 file\n")
    assert out == "nothing found in 3 files\n"
    assert check("src")[0] == 0
    assert check("--add-ignores", "src")[2] == "kept: 0 comments written in 0 files\n"


def test_the_cache_is_written_unless_it_is_not_wanted(check, folder):
    check("--no-cache", "src")
    assert not (folder / ".kept_cache").exists()
    first = check("src")
    assert (folder / ".kept_cache").is_dir()
    assert check("src") == first


def test_standard_input_is_source(folder):
    kept = Python(folder).kept
    ended = kept("check", "-", "--format", "concise", stdin=LAMBDA)
    assert ended.code == 1
    assert ended.out.startswith("-:3:66: ")
    named = kept("check", "-", "--stdin-filename", "src/layers.py", "--format", "concise", stdin=LAMBDA)
    assert named.out.startswith("src/layers.py:3:66: ")


def test_a_name_for_standard_input_alone_is_exit_code_two(check):
    assert check("src", "--stdin-filename", "a.py")[0] == 2


@pytest.mark.parametrize("output", outputs())
def test_a_name_that_is_no_text_is_shown_escaped(check, folder, output):
    (folder / os.fsdecode(b"\xff.py")).write_text(LAMBDA)
    code, out, err = check(".", "--select", "lambda-in-model", "--format", output)
    assert (code, err) == (1, "")
    assert {"sarif": '"%FF.py"', "junit": "\ufffd.py"}.get(output, "\\udcff.py") in out


def test_nothing_heavy_is_imported_and_nothing_is_run(folder):
    (folder / "src/layers.py").write_text(LAMBDA + "raise SystemExit('it was run')\n")
    script = """
import sys
from kept.cli import main
try:
    main(["check", "--format", "concise", "src"])
except SystemExit as ended:
    print("heavy", ended.code, sorted({"keras", "numpy", "h5py", "rich", "libcst", "src"} & set(sys.modules)))
"""
    Python(folder).write("s.py", script)
    assert Python(folder)("s.py").out.endswith("heavy 1 []\n")


def test_kept_check_takes_paths_and_texts(folder):
    import kept

    assert [one.rule for one in kept.check("src")] == ["lambda-in-model"]
    assert [one.rule for one in kept.check([folder / "src", "clean.py"])] == ["lambda-in-model"]
    assert [one.rule for one in kept.check(folder / "src" / "layers.py", ignore=["KPT1"])] == []
    assert [one.rule for one in kept.check(LAMBDA)] == ["lambda-in-model"]
