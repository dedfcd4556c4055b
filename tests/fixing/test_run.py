"""A whole run: files, notebooks, standard input, and what is written."""

import json
import os

import pytest

import kept
from kept.errors import KeptError
from kept.fixing.run import fix_sources

LAYER = """import keras


@keras.saving.register_keras_serializable("shop")
class Half(keras.layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        return x / self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


model = keras.Sequential([keras.Input((3,)), Half(2.0)])
"""
FIXED = LAYER.replace("factor):", "factor, **kwargs):").replace("__init__()", "__init__(**kwargs)")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_mended_in_place(folder):
    (folder / "a.py").write_text(LAYER)
    made = kept.fix(folder / "a.py")
    assert (folder / "a.py").read_text() == FIXED
    assert [one.rule for one in made.changes[0].done] == ["init-without-kwargs"]


def test_nothing_is_written_where_that_is_asked(folder):
    (folder / "a.py").write_text(LAYER)
    made = kept.fix([folder], write=False)
    assert (folder / "a.py").read_text() == LAYER
    assert made.changes[0].after.decode() == FIXED


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="line ends of Windows"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode(), id="byte order mark"),
        pytest.param(lambda text: f"# -*- coding: latin-1 -*-\n# \xe9\n{text}".encode("latin-1"), id="latin-1"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no last line end"),
        pytest.param(lambda text: text.replace("\n", "\r\n", 3).encode(), id="two kinds of line ends"),
    ],
)
def test_a_file_stays_in_the_encoding_and_with_the_line_ends_that_it_has(folder, wrapped):
    (folder / "a.py").write_bytes(wrapped(LAYER))
    kept.fix("a.py")
    assert (folder / "a.py").read_bytes() == wrapped(FIXED)


def test_a_file_that_cannot_be_written_as_it_was_read_is_left_alone(folder):
    (folder / "a.py").write_text(f"\f{LAYER}")
    assert [one.reason for one in kept.fix("a.py").left] == ["the file cannot be rewritten without loss"]
    assert (folder / "a.py").read_text() == f"\f{LAYER}"


def test_the_permissions_of_a_file_stay(folder):
    (folder / "a.py").write_text(LAYER)
    os.chmod(folder / "a.py", 0o750)
    kept.fix("a.py")
    assert (folder / "a.py").stat().st_mode & 0o777 == 0o750


def test_a_comment_that_silences_a_rule_keeps_its_edit_away(folder):
    silent = LAYER.replace("factor):", "factor):  # kept: ignore[init-without-kwargs]")
    (folder / "a.py").write_text(silent)
    kept.fix("a.py")
    assert (folder / "a.py").read_text() == silent


def test_only_rules_that_are_asked_are_mended(folder):
    (folder / "a.py").write_text(LAYER)
    assert kept.fix("a.py", ignore=["init-without-kwargs"]).changes == ()
    assert kept.fix("a.py", select=["KPT105"]).done_count == 1


def test_unsafe_edits_are_made_only_where_that_is_asked(folder):
    (folder / "a.py").write_text(LAYER.replace('@keras.saving.register_keras_serializable("shop")\n', ""))
    made = kept.fix("a.py")
    assert [(one.finding.rule, one.reason) for one in made.left] == [("unregistered-custom-object", "")]
    assert [one.rule for one in kept.fix("a.py", unsafe=True).changes[0].done] == ["unregistered-custom-object"]


def test_a_base_class_in_another_file_is_known(folder):
    (folder / "base.py").write_text(FIXED.partition("\n\nmodel")[0] + "\n")
    child = "from base import Half\n\n\nclass Third(Half):\n    def __init__(self, third, **kwargs):\n"
    child += "        super().__init__(2.0, **kwargs)\n        self.third = third\n\n\nmodel = Third(1)\n"
    (folder / "child.py").write_text(child)
    kept.fix(folder)
    assert '{"third": self.third}' in (folder / "child.py").read_text()


def test_a_file_that_changed_meanwhile_is_left_alone(folder):
    (folder / "a.py").write_text(LAYER)
    made = fix_sources(["a.py"])
    (folder / "a.py").write_text("x = 1\n")
    assert "changed meanwhile" in made.written().failures[0].message
    assert (folder / "a.py").read_text() == "x = 1\n"


def test_a_folder_that_is_not_there_is_an_error(folder):
    with pytest.raises(KeptError, match="absent"):
        kept.fix("absent")


def notebook(indent, *cells):
    sources = [{"cell_type": "code", "id": str(number), "source": one} for number, one in enumerate(cells)]
    document = {"cells": sources, "metadata": {"x": 1e400, "y": 0.10}, "nbformat": 4}
    return json.dumps(document, indent=indent) + "\n"


MAGIC = "%pip install keras\nimport keras\n"


@pytest.mark.parametrize("indent", [1, 2, None])
def test_in_a_notebook_only_the_source_of_cells_changes(folder, indent):
    before, after = (text.splitlines(keepends=True) for text in (LAYER, FIXED))
    (folder / "a.ipynb").write_text(notebook(indent, MAGIC, before, ["!ls\n", "x = 1"]))
    kept.fix("a.ipynb")
    assert (folder / "a.ipynb").read_text() == notebook(indent, MAGIC, after, ["!ls\n", "x = 1"])


def test_an_import_that_a_cell_needs_goes_into_the_cell_of_imports(folder):
    layer = LAYER.replace('@keras.saving.register_keras_serializable("shop")\n', "").replace("import keras\n", "")
    text = layer.replace("keras.layers", "layers").replace("keras.", "models.").replace("models.Input((3,)), ", "")
    (folder / "a.ipynb").write_text(notebook(1, "%%time\nfrom keras import layers, models", text))
    kept.fix("a.ipynb", unsafe=True)
    cells = ["".join(one["source"]) for one in json.loads((folder / "a.ipynb").read_text())["cells"]]
    assert cells[0] == "%%time\nfrom keras import layers, models\nimport keras"
    assert "@keras.saving.register_keras_serializable" in cells[1]
