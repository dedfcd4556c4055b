"""`[tool.kept]` of a pyproject.toml."""

import pytest

from kept.errors import KeptError
from kept.settings import ProjectSettings, nearest_project, project_settings


def read(folder, text):
    (folder / "pyproject.toml").write_text(text)
    return project_settings(folder / "pyproject.toml")


def test_every_key_is_an_attribute(tmp_path):
    text = """
    [tool.kept]
    trusted = ["acme"]
    renamed = {"a:B" = "a:C"}
    select = ["KPT1"]
    ignore = ["KPT2"]
    per-file-ignores = {"tests/*" = ["KPT3"]}
    exclude = ["old"]
    keras-version = "3.10"
    """
    assert read(tmp_path, text) == ProjectSettings(
        ("acme",), {"a:B": "a:C"}, ("KPT1",), ("KPT2",), {"tests/*": ("KPT3",)}, ("old",), "3.10"
    )


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool]\nkept = 1\n", "tool = 1\n"])
def test_a_file_without_the_table_settles_nothing(text, tmp_path):
    assert read(tmp_path, text) == project_settings(None) == ProjectSettings()


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("select = 'KPT1'", "tool.kept.select"),
        ("exclude = [1]", "tool.kept.exclude"),
        ("per-file-ignores = {a = 'b'}", "tool.kept.per-file-ignores"),
        ("per-file-ignores = ['b']", "tool.kept.per-file-ignores"),
        ("keras-version = 3.10", "tool.kept.keras-version"),
    ],
)
def test_a_value_of_another_form_says_what_is_expected(line, where, tmp_path):
    with pytest.raises(KeptError, match=where) as raised:
        read(tmp_path, f"[tool.kept]\n{line}\n")
    assert raised.value.expected
    assert raised.value.found


def test_a_key_that_is_not_known_names_the_likely_one(tmp_path):
    with pytest.raises(KeptError, match=r"tool\.kept\.exclud: there is no such setting") as raised:
        read(tmp_path, "[tool.kept]\nexclud = []\n")
    assert raised.value.hint == "did you mean exclude?"


def test_the_nearest_file_upward_is_taken(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a/pyproject.toml").touch()
    assert nearest_project([tmp_path / "a/b"]) == tmp_path / "a/pyproject.toml"
