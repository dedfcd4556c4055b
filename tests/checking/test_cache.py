"""What is remembered from one run to the next never changes what is found, and is safe to delete."""

import json
import os

import pytest

from kept.checking.cache import FOLDER, digest
from tests.checking.projects import BASE, CLEAN, LAMBDA, LOCAL, counted, found, swept, write


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, shop__base=BASE, shop__own=LOCAL, other=LAMBDA, clean=CLEAN)
    return tmp_path


@pytest.fixture
def judged(monkeypatch):
    """The files that are judged from now on; a first run has been made."""
    swept(".", remember=True)
    with counted(monkeypatch) as files:
        yield files


def files(folder):
    return sorted((folder / FOLDER).glob("*.json"))


def test_what_has_not_changed_is_not_judged_again(judged):
    assert found(".", remember=True) == found(".")
    judged.clear()
    swept(".", remember=True)
    assert judged == []


def test_a_file_that_has_changed_is_judged_again_and_no_other(folder, judged):
    write(folder, other=LAMBDA * 2)
    assert [place for place, _ in found(".", remember=True)] == ["other.py:3:66", "other.py:6:66", "shop/own.py:5:11"]
    assert judged == ["other.py"]


def test_a_file_whose_base_class_has_changed_is_judged_again(folder, judged):
    write(folder, shop__base=BASE.replace("(keras.layers.Layer)", ""))
    assert found(".", remember=True) == [("other.py:3:66", "lambda-in-model")]
    assert judged == ["shop/base.py", "shop/own.py"]


def test_a_file_that_is_new_gives_a_name_its_meaning(folder):
    (folder / "shop/base.py").unlink()
    assert ("shop/own.py:5:11", "local-class") not in found("shop/own.py", remember=True)
    write(folder, shop__base=BASE)
    assert ("shop/own.py:5:11", "local-class") in found("shop/own.py", remember=True)


def test_a_file_outside_the_run_counts_too(folder):
    assert found("shop/own.py", remember=True) == [("shop/own.py:5:11", "local-class")]
    write(folder, shop__base=BASE.replace("(keras.layers.Layer)", ""))
    assert found("shop/own.py", remember=True) == []


REGISTERED = "import keras\n\n@keras.saving.register_keras_serializable('a', 'B')\nclass {0}(keras.layers.Layer): ...\n"


def test_a_name_that_another_file_now_registers_too_is_noticed(folder):
    write(folder, one=REGISTERED.format("One"), two=REGISTERED.format("Two").replace("'B'", "'C'"))
    write(folder, both="import keras, one, two\n")
    swept(".", remember=True)
    write(folder, one=REGISTERED.format("One").replace("'B'", "'C'"))
    assert found(".", remember=True) == found(".")
    assert "registered-name-collision" in {rule for _, rule in found(".")}


def test_other_options_are_another_run(folder):
    assert found(".", remember=True)
    assert found(".", remember=True, ignore=["KPT1"]) == []
    assert found(".", remember=True)


def test_the_folder_is_marked_as_a_cache_and_ignored_by_git(folder):
    swept(".", remember=True)
    assert (folder / FOLDER / ".gitignore").read_text() == "*\n"
    assert (folder / FOLDER / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_the_folder_is_beside_the_pyproject(folder, monkeypatch):
    (folder / "pyproject.toml").write_text("[tool.kept]\nignore = ['local-class']\n")
    monkeypatch.chdir(folder / "shop")
    assert found(".", remember=True) == []
    assert files(folder)
    assert not (folder / "shop" / FOLDER).exists()


def test_nothing_is_remembered_unless_asked(folder):
    swept(".")
    assert not (folder / FOLDER).exists()


BROKEN = [
    b"", b"{", b"null", b"[]", b"{}", b'{"findings": 1}', b'{"findings": [{}], "consulted": {}}', b"[" * 100_000,
    b'{"files": 1}', b'{"files": {"other.py": 1}}', b'{"findings": [], "consulted": {"a": 1}}', b"\xff\x00",
]  # fmt: skip


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_what_is_broken_counts_as_absent_and_is_written_again(content, folder):
    expected = found(".", remember=True)
    for path in files(folder):
        path.write_bytes(content)
    assert found(".", remember=True) == expected
    assert all(path.read_bytes() != content for path in files(folder))


@pytest.mark.parametrize("key", ["message", "rule", "location", "severity"])
def test_a_finding_of_another_form_is_not_believed(key, folder):
    expected = found(".", remember=True)
    (path,) = (folder / FOLDER).glob("run-*.json")
    data = json.loads(path.read_text())
    data["findings"][0][key] = {"file": 1, "line": "x"} if key == "location" else 5
    path.write_text(json.dumps(data))
    assert found(".", remember=True) == expected


def test_a_link_in_the_place_of_the_folder_is_not_followed(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    os.symlink(elsewhere, folder / FOLDER)
    assert found(".", remember=True)
    assert list(elsewhere.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_no_reason_to_fail(folder):
    (folder / FOLDER).write_text("mine")
    assert found(".", remember=True)
    assert (folder / FOLDER).read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(folder, monkeypatch):
    def refusing(*arguments, **words):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refusing)
    assert found(".", remember=True)
    assert not (folder / FOLDER).exists()


def test_what_is_not_used_is_thrown_away(folder):
    for number in range(40):
        write(folder, other=LAMBDA + f"x = {number}\n")
        swept("other.py", remember=True)
    assert len(files(folder)) <= 24


def test_a_digest_keeps_its_parts_apart():
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
