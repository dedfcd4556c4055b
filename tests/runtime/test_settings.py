"""`[tool.kept]` of the project, and `KEPT_TRUSTED`: read for each load, from where the script is."""

import sys
import types

import pytest

from kept.errors import KeptError
from kept.runtime.settings import Settings, settings
from tests.runtime.models import HEAD, PLAIN_LAYER

TABLE = """
[tool.kept]
trusted = ["acme.parts", "sha256:12"]
select = ["everything"]
[tool.kept.renamed]
"old.module:Old" = "new.module:New"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of which a script runs, two folders deep, while the working folder is elsewhere."""
    script = types.ModuleType("__main__")
    script.__file__ = str(tmp_path / "project" / "jobs" / "train.py")
    (tmp_path / "project" / "jobs").mkdir(parents=True)
    monkeypatch.setitem(sys.modules, "__main__", script)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KEPT_TRUSTED", raising=False)
    return tmp_path / "project"


def test_the_nearest_project_above_the_script_is_read(project):
    (project / "pyproject.toml").write_text(TABLE)
    (project.parent / "pyproject.toml").write_text("[tool.kept]\ntrusted = ['another']\n")
    assert settings() == Settings(("acme.parts", "sha256:12"), {"old.module:Old": "new.module:New"})


def test_the_working_folder_is_read_where_the_script_has_no_project(project):
    (project.parent / "here").mkdir()
    (project.parent / "here" / "pyproject.toml").write_text(TABLE)
    assert settings() == Settings()
    with pytest.MonkeyPatch.context() as context:
        context.chdir(project.parent / "here")
        assert settings().trusted == ("acme.parts", "sha256:12")


def test_a_tool_of_the_environment_belongs_to_no_project(project, monkeypatch):
    (project / "pyproject.toml").write_text(TABLE)
    monkeypatch.setattr(sys, "prefix", str(project))
    assert settings() == Settings()


def test_the_variable_names_what_is_trusted_beside_the_project(project, monkeypatch):
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    monkeypatch.setenv("KEPT_TRUSTED", "acme.parts, other sha256:3")
    assert settings().trusted == ("acme.parts", "other", "sha256:3")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[tool.kept]\ntrusted = 'acme'\n", "tool.kept.trusted"),
        ("[tool.kept]\ntrusted = [1]\n", "tool.kept.trusted"),
        ("[tool.kept]\nrenamed = {a = 1}\n", "tool.kept.renamed"),
        ("[tool.kept\n", "pyproject.toml"),
    ],
)
def test_a_table_that_says_something_else_is_one_clear_error(text, where, project):
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(KeptError, match=where):
        settings()


MODEL = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(3), Scale(2)])\n"
LOAD = "import kept\nresult = [type(one).__name__ for one in kept.load(file).layers]\n"


@pytest.fixture
def saved(one_lab):
    one_lab.here(MODEL, "import kept\nkept.save(model, file, verify=False)").result  # noqa: B018  it must not fail
    return one_lab


def test_what_the_project_trusts_is_loaded(saved):
    required = saved.elsewhere(LOAD).error["required"]
    (saved.folder / "pyproject.toml").write_text(f"[tool.kept]\ntrusted = {required!r}\n")
    assert saved.elsewhere(LOAD).result == ["Scale", "Scale"]
    verify = "import kept\nresult = kept.verify(file, 'weights').holds\n"
    assert saved.elsewhere(verify).result


def test_what_the_project_renamed_is_loaded_with_its_weights(saved):
    now = PLAIN_LAYER.replace("Scale", "Rescaled")
    (saved.folder / "pyproject.toml").write_text("[tool.kept.renamed]\n'__main__:Scale' = '__main__:Rescaled'\n")
    assert saved.elsewhere(HEAD, now, LOAD).result == ["Rescaled", "Rescaled"]


def test_an_argument_wins_over_what_the_project_says(saved):
    now = PLAIN_LAYER.replace("Scale", "Rescaled")
    (saved.folder / "pyproject.toml").write_text("[tool.kept.renamed]\n'__main__:Scale' = 'no.such:Name'\n")
    load = LOAD.replace("(file)", "(file, renamed={'__main__:Scale': Rescaled})")
    assert saved.elsewhere(HEAD, now, load).result == ["Rescaled", "Rescaled"]
