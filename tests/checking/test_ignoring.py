"""Comments are written for what is found now: where they hold, once, and without a change to anything else."""

import os

import pytest

from kept.checking.ignoring import add_ignores, with_ignores
from kept.errors import WriteError
from tests.checking.projects import CLEAN, LAMBDA, found, swept, write

COMMENT = "  # kept: ignore[lambda-in-model]"
LAYER = "keras.layers.Lambda(lambda x: x)"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(content):
    """The bytes of a file when what is found in it has been silenced."""
    content = content.encode() if isinstance(content, str) else content
    changed, _ = with_ignores(content, swept(texts={"a.py": content}).check.findings)
    assert list(swept(texts={"a.py": changed}).check) == []
    return changed


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"import keras\nf = {LAYER}\n", f"f = {LAYER}{COMMENT}"),
        (f"import keras\nf = {LAYER}", f"f = {LAYER}{COMMENT}"),
        (f"import keras\nf = {LAYER}  # why\n", f"f = {LAYER}  # why{COMMENT}"),
        (f"import keras\nf = {LAYER}   \n", f"f = {LAYER}{COMMENT}"),
        (f"import keras\nf = ({LAYER}, '''\n''')\n", "''')"),
        (f"import keras\nf = {LAYER}, \\\n  1\n", "  1"),
    ],
    ids=range(6),
)
def test_the_comment_stands_at_the_end_of_the_line_or_of_the_statement(text, line):
    lines = written(text).decode().split("\n")
    assert line.removesuffix(COMMENT) + COMMENT in lines


def test_a_comment_that_is_there_gets_the_rule_too():
    text = f"import keras\nf = {LAYER}  # kept: ignore[KPT2] old\n"
    assert written(text).endswith(b"# kept: ignore[KPT2, lambda-in-model] old\n")


@pytest.mark.parametrize(
    "content",
    [
        f"import keras\r\nf = {LAYER}\r\nx = 1\r\n".encode(),
        b"\xef\xbb\xbf" + f"import keras\nf = {LAYER}\n".encode(),
        f"# coding: latin-1\nimport keras\nf = {LAYER}, '\xe9'\n".encode("latin-1"),
    ],
    ids=range(3),
)
def test_line_ends_and_encoding_stay_as_they_are(content):
    assert written(content).replace(COMMENT.encode(), b"") == content


def test_doing_it_again_changes_nothing(folder):
    write(folder, a=LAMBDA, b=CLEAN)
    done = add_ignores(swept(".").check)
    once = (folder / "a.py").read_bytes()
    again = add_ignores(swept(".").check)
    assert (done.files, done.comment_count, done.left) == (("a.py",), 1, ())
    assert (again.files, (folder / "a.py").read_bytes()) == ((), once)
    assert found(".") == []


def test_what_no_comment_can_silence_is_left(folder):
    write(folder, a="import keras\ndef f(:\n", b="x = 1  # kept: ignore\n")
    done = add_ignores(swept(".").check)
    assert [one.rule for one in done.left] == ["unreadable-source", "unused-ignore"]
    assert done.files == ()


def test_permissions_and_links_are_kept(folder):
    write(folder, real=LAMBDA)
    os.chmod("real.py", 0o754)
    os.symlink("real.py", "a.py")
    add_ignores(swept("a.py").check)
    assert os.path.islink("a.py")
    assert COMMENT in (folder / "real.py").read_text()
    assert os.stat("real.py").st_mode & 0o777 == 0o754


def test_a_file_that_cannot_be_written_is_left_whole(folder, monkeypatch):
    write(folder, a=LAMBDA)
    found_there = swept(".").check

    def refusing(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refusing)
    with pytest.raises(WriteError, match=r"a\.py: no comment can be written"):
        add_ignores(found_there)
    assert [path.name for path in folder.iterdir()] == ["a.py"]
    assert (folder / "a.py").read_text() == LAMBDA
