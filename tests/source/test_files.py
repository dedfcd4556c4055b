"""Which files are looked at, and their text as Python reads it."""

import os

import pytest

from kept.errors import KeptError
from kept.limits import Limits
from kept.source.files import decoded, import_root, matcher, module_name, read_bytes, source_files


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project, in which the test stands."""
    for name in (
        "train.py", "notes.txt", "stubs.pyi", "runs/a.ipynb", "src/shop/__init__.py", "src/shop/layers.py", "script",
        ".git/hook.py", "src/__pycache__/x.py", "node_modules/x.py", "venv/pyvenv.cfg", "venv/lib/x.py",
        "lib/site-packages/keras/x.py",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_is_searched_for_source_that_is_its_own(tree):
    assert source_files(["."]) == ["runs/a.ipynb", "src/shop/__init__.py", "src/shop/layers.py", "train.py"]


@pytest.mark.parametrize("folder", ["venv", "lib/site-packages", ".git", "node_modules"])
def test_a_folder_that_is_named_is_searched_whatever_it_is(folder, tree):
    assert len(source_files([folder])) == 1


def test_a_file_that_is_named_is_taken_whatever_its_name_ends_in(tree):
    assert source_files(["script", "./train.py"]) == ["script", "train.py"]
    assert source_files(["stubs.pyi"]) == []


def test_a_file_is_looked_at_once(tree):
    assert source_files(["src", "src/shop/layers.py", str(tree / "src")]) == [
        "src/shop/__init__.py",
        "src/shop/layers.py",
    ]


@pytest.mark.parametrize("pattern", ["shop", "src/", "src/shop", "src/*", "*/layers.py", "layers.*", "./src/shop/"])
def test_what_is_excluded_is_left_out_named_or_not(pattern, tree):
    assert "src/shop/layers.py" not in source_files(["."], exclude=[pattern])
    assert source_files(["src/shop/layers.py"], exclude=[pattern]) == []


def test_patterns_with_a_slash_are_relative_to_the_project(tree, monkeypatch):
    monkeypatch.chdir(tree / "src")
    assert source_files(["."], exclude=["src/shop/layers.py"], root=str(tree)) == ["shop/__init__.py"]
    assert not matcher(["hop"])("shop/layers.py")


@pytest.mark.parametrize("path", ["nowhere.py", "nowhere", "train.py/x", "a\0b", ""])
def test_a_path_that_is_not_there_is_one_clear_error(path, tree):
    with pytest.raises(KeptError, match="cannot be checked"):
        source_files(["train.py", path])


def test_what_is_neither_a_file_nor_a_folder_is_refused(tree):
    os.mkfifo("pipe.py")
    with pytest.raises(KeptError, match="something else"):
        source_files(["pipe.py"])
    assert "pipe.py" not in source_files(["."])


def test_a_link_to_the_folder_above_is_not_followed(tree):
    os.symlink("..", "src/up")
    assert len(source_files(["."])) == 4


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("x = 'é'\n".encode(), "x = 'é'\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n"),
        (
            b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'",
            "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'",
        ),
        (b"# coding: latin-1", "# coding: latin-1"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"", ""),
    ],
    ids=range(7),
)
def test_text_is_read_as_python_reads_it(content, text):
    assert decoded(content) == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# coding: latin-9000\n", "latin-9000"),
        (b"x = 1\ny = '\xff'\n", "byte 0xff is not utf-8"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem"),
        (b"# coding: rot13\n", "rot13"),
        (b"# coding: idna\n\xff", "idna"),
    ],
    ids=range(5),
)
def test_what_python_could_not_decode_is_a_syntax_error(content, said):
    with pytest.raises(SyntaxError, match=said):
        decoded(content)


def test_a_file_that_is_larger_than_source_is_refused(tree):
    (tree / "train.py").write_text("x" * 100)
    with pytest.raises(OSError, match="larger than"):
        read_bytes("train.py", Limits(source_bytes=99))


def test_a_folder_that_cannot_be_listed_is_not_forgotten(tree, monkeypatch):
    def scandir(path, real=os.scandir):
        if str(path).endswith("shop"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert "src/shop" in source_files(["."])


def test_a_module_is_named_from_the_packages_around_it(tree):
    files = ["src/shop/__init__.py", "src/shop/layers.py", "train.py", "runs/a.ipynb", "script"]
    assert [module_name(file) for file in files] == ["shop", "shop.layers", "train", "", ""]


@pytest.mark.parametrize(
    ("path", "name", "root"),
    [
        ("src/shop/layers.py", "shop.layers", "src"),
        ("src/shop/__init__.py", "shop", "src"),
        ("/a/train.py", "train", "/a"),
        ("train.py", "train", ""),
        ("runs/a.ipynb", "", "runs"),
        ("layers.py", "shop.layers", ".."),
        ("../layers.py", "top.shop.layers", "../../.."),
    ],
)
def test_a_file_is_imported_from_the_folder_above_its_packages(path, name, root):
    assert import_root(path, name) == root
