"""`--format html` of every command that has it: a page in a file, and never on a terminal."""

import json

import pytest

from kept.cli import main
from tests.attacks import configs
from tests.inspecting.files import by_keras, layer, model


@pytest.fixture
def kept(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


@pytest.fixture
def files(tmp_path):
    by_keras(tmp_path / "a.keras")
    by_keras(tmp_path / "b.keras", config=model(layer("Dense", "stem", units=4), layer("Dropout", "drop", rate=0.5)))
    (tmp_path / "unsafe.json").write_text(json.dumps(configs.dense(activation=configs.function("os", "system"))))
    (tmp_path / "source.py").write_text("import keras\nkeras.layers.Lambda(lambda x: x)\n")


COMMANDS = [("inspect", "a.keras"), ("diff", "a.keras", "b.keras"), ("scan", "unsafe.json"), ("check", "source.py")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_page_is_written_to_a_file(command, kept, files, tmp_path):
    code, out, _ = kept(*command, "--format", "html", "-o", "page.html")
    assert (code, out) == (0 if command[0] == "inspect" else 1, "")
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_page_is_not_poured_over_a_terminal(command, kept, files, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, out, err = kept(*command, "--format", "html")
    assert (code, out) == (2, "")
    assert "-o model.html" in err


def test_the_page_of_a_difference_has_both_files(kept, files):
    _, out, _ = kept("diff", "a.keras", "b.keras", "--format", "html")
    assert out.count('<main class="sheet"') == 2
    assert '"added","drop"' in out


def test_the_page_of_a_scan_shows_the_model(kept, files):
    _, out, _ = kept("scan", "unsafe.json", "--format", "html")
    assert out.count('<main class="sheet"') == 1
    assert "Show <bdi>l</bdi></button>" in out


def test_the_page_of_a_scan_tells_of_what_cannot_be_read(kept, files, tmp_path):
    (tmp_path / "cut.keras").write_bytes((tmp_path / "a.keras").read_bytes()[:300])
    code, out, _ = kept("scan", "cut.keras", "a.keras", "--format", "html")
    assert code == 1
    assert out.count('<main class="sheet"') == 1
    assert "cut.keras" in out
