"""What a project settles, and what a caller adds to it."""

import pytest

from kept.checking.options import Options
from kept.errors import KeptError
from tests.checking.projects import LAMBDA, found, write

TABLE = """
[tool.kept]
select = ["KPT1"]
ignore = ["local-class"]
exclude = ["old"]
keras-version = "3.10"
[tool.kept.per-file-ignores]
"tests/*" = ["lambda-in-model"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "project/src").mkdir(parents=True)
    (tmp_path / "project/pyproject.toml").write_text(TABLE)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def test_the_project_of_the_paths_is_read(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    options = Options.of(["project/src", "project/src/a.py"])
    assert (options.root, options.select, options.ignore) == (str(folder), ("KPT1",), ("local-class",))
    assert (options.exclude, options.keras_version) == (("old",), "3.10")


def test_the_project_of_the_working_folder_is_read_where_the_paths_have_none(folder):
    assert Options.of([str(folder.parent)]).select == ("KPT1",)
    assert Options.of(["-"]).select == ("KPT1",)


def test_select_takes_the_place_of_what_the_project_says_and_the_others_are_added():
    options = Options.of(
        ["src"], select=["KPT2"], ignore=["KPT100"], exclude=["new"], per_file_ignores={"tests/*": ("local-class",)}
    )
    assert (options.select, options.ignore) == (("KPT2",), ("local-class", "KPT100"))
    assert options.exclude == ("old", "new")
    assert options.per_file_ignores == {"tests/*": ("lambda-in-model", "local-class")}


def test_what_the_project_says_holds_for_its_files(folder):
    write(folder, src__a=LAMBDA, tests__a=LAMBDA, old__a=LAMBDA)
    assert found(".") == [("src/a.py:3:66", "lambda-in-model")]


def test_patterns_are_relative_to_the_project_wherever_one_stands(folder, monkeypatch):
    write(folder, tests__a=LAMBDA)
    monkeypatch.chdir(folder / "tests")
    assert found(".") == []


@pytest.mark.parametrize("words", [{"select": ["lamda-in-model"]}, {"per_file_ignores": {"*": ("lamda-in-model",)}}])
def test_a_rule_that_is_not_there_is_one_clear_error(words):
    with pytest.raises(KeptError, match="no rule is called 'lamda-in-model'") as raised:
        found(".", **words)
    assert raised.value.hint == "did you mean lambda-in-model?"


def test_a_release_of_keras_that_cannot_be_meant_is_one_clear_error(folder):
    (folder / "pyproject.toml").write_text("[tool.kept]\nkeras-version = 'new'\n")
    write(folder, a=LAMBDA)
    with pytest.raises(KeptError, match="new"):
        found(".")
