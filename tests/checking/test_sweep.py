"""A run over files: what is judged, in which order, in how many processes, and what cannot be judged."""

import json

import pytest

from kept import rules
from kept.errors import KeptError
from tests.checking.projects import BASE, CLEAN, LAMBDA, LOCAL, found, found_in, swept, write


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_are_judged_in_the_order_of_their_paths_and_lines(folder):
    write(folder, b=LAMBDA, a__c=LAMBDA + LAMBDA, clean=CLEAN)
    assert found(".") == [
        ("a/c.py:3:66", "lambda-in-model"), ("a/c.py:6:66", "lambda-in-model"), ("b.py:3:66", "lambda-in-model"),
    ]  # fmt: skip


def test_a_check_names_what_was_given_and_counts_the_files(folder):
    write(folder, src__a=CLEAN, src__b=CLEAN)
    check = swept("./src").check
    assert (check.subject, check.file_count, check.findings) == ("src", 3, ())


BOTH_WAYS = """
from kept.checking.sweep import check_sources
from kept.checking.workers import worker_count
alone, together = (check_sources(["."], remember=False, jobs=jobs).check for jobs in (1, 2))
print(worker_count(60, 2), alone.findings == together.findings, *sorted({one.rule for one in alone}), len(alone))
"""


def test_many_processes_find_what_one_finds(folder, python):
    write(folder, shop__base=BASE, broken="import keras\ndef f(:\n")
    write(folder, **{f"shop__m{number}": LOCAL.replace("Own", f"Own{number}") for number in range(60)})
    assert python("-c", BOTH_WAYS).out.split() == ["2", "True", "local-class", "unreadable-source", "61"]


def test_a_class_is_known_across_files_that_are_not_given(folder):
    write(folder, shop__base=BASE, shop__own=LOCAL)
    assert found("shop/own.py") == [("shop/own.py:5:11", "local-class")]


def test_a_file_that_cannot_be_parsed_is_a_finding_with_its_place(folder):
    (folder / "a.py").write_text("import keras\nx = (1,\n")
    assert found("a.py") == [("a.py:2:5", "unreadable-source")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"import keras\nx = '\xff'\n", "byte 0xff is not utf-8"),
        (b"import keras\nx = '\0'\n", "null bytes"),
        (b"# coding: latin-9000\nimport keras\n", "latin-9000"),
        (b"import keras\nx = " + b"(" * 500 + b")" * 500, "parse"),
        (b"import keras\nx = " + b"-" * 200_000 + b"1", "parse"),
        (b"import keras\nx = " + b"1+" * 200_000 + b"1", "parse"),
    ],
    ids=range(6),
)
def test_what_python_cannot_read_is_one_finding(content, said, folder):
    (folder / "a.py").write_bytes(content)
    (one,) = swept("a.py").check
    assert one.rule == "unreadable-source"
    assert said in one.message


def test_a_file_that_may_not_be_read_is_a_finding(folder, monkeypatch):
    from kept.checking import run

    def refusing(path):
        raise PermissionError(13, "Permission denied", path)

    write(folder, a=CLEAN)
    monkeypatch.setattr(run, "read_bytes", refusing)
    assert [one.message for one in swept(".").check] == ["this file cannot be read: Permission denied"]


def test_a_finding_in_a_notebook_names_the_cell_and_its_line(folder):
    cells = ["!pip install keras", "import keras\n%time x = 1\n", "f = keras.layers.Lambda(lambda x: x)", "def f(:"]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    (folder / "a.ipynb").write_text(json.dumps(notebook))
    assert found(".") == [
        ("a.ipynb:cell 3:1:25", "lambda-in-model"), ("a.ipynb:cell 4:1:7", "unreadable-source"),
    ]  # fmt: skip


def test_a_notebook_that_is_none_is_a_finding(folder):
    (folder / "a.ipynb").write_text("{keras")
    assert found(".") == [("a.ipynb", "unreadable-source")]


def test_a_text_takes_the_place_of_the_file_of_its_name(folder):
    write(folder, a=CLEAN)
    assert found("a.py", texts={"a.py": LAMBDA.encode()}) == [("a.py:3:66", "lambda-in-model")]
    assert found("a.py") == []


def test_a_file_that_has_nothing_to_do_with_keras_is_not_parsed_unless_it_is_named(folder):
    write(folder, a="import os\ndef f(:\n", b=CLEAN)
    assert found(".") == []
    assert found("a.py") == [("a.py:2:7", "unreadable-source")]


def test_a_path_that_is_not_there_is_an_error(folder):
    with pytest.raises(KeptError, match=r"nowhere\.py: cannot be checked"):
        swept("nowhere.py")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_rule_that_fails_is_named_with_its_file_and_the_others_go_on(jobs, folder, monkeypatch):
    def failing(subject):
        raise RuntimeError("no such\nattribute")

    (broken,) = [one for one in rules.rules("source") if one.RULE.name == "local-class"]
    monkeypatch.setattr(broken, "check", failing)
    write(folder, **{f"m{number:02}": LAMBDA for number in range(60)})
    sweep = swept(".", jobs=jobs)
    assert len(sweep.check) == len(sweep.failures) == 60
    assert sweep.failures[0].path == "m00.py"
    assert sweep.failures[0].message == "the rule local-class cannot judge this file"
    assert sweep.failures[0].problems[0].found == "RuntimeError: no such attribute"


DYING = """
import os
from kept import rules
from kept.checking.sweep import check_sources
from kept.errors import KeptError
(broken,) = [one for one in rules.rules("source") if one.RULE.name == "local-class"]
broken.check = lambda subject: os._exit(9)
try:
    check_sources(["."], remember=False, jobs=2)
except KeptError as error:
    print(error.message, error.found, sep=": ")
"""


def test_a_process_that_dies_is_one_clear_error(folder, python):
    write(folder, **{f"m{number:02}": LAMBDA for number in range(60)})
    assert python("-c", DYING).out == "a process that checks files has died: exit code 9\n"


def test_progress_ends_with_everything_done(folder):
    from kept.checking.sweep import check_sources

    told = []
    write(folder, **{f"m{number:02}": CLEAN for number in range(60)})
    check_sources(["."], remember=False, jobs=2, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] > 60
    assert all(done <= total == 120 for done, total in told)


def test_rules_are_selected_and_ignored_by_name_and_by_code(folder):
    assert found_in(LAMBDA, select=["local-class"]) == []
    assert found_in(LAMBDA, select=["KPT1"]) == [(3, "lambda-in-model")]
    assert found_in(LAMBDA, ignore=["lambda-in-model"]) == []


def test_a_text_without_a_name_is_judged(folder):
    assert found_in(LAMBDA, "-") == [(3, "lambda-in-model")]


def test_what_a_run_has_read_is_not_kept_in_memory(folder):
    import gc

    from kept.source.module import Module

    gc.collect()
    for _ in range(40):
        found_in(LAMBDA)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert sum(isinstance(one, Module) for one in gc.get_objects()) == 0
