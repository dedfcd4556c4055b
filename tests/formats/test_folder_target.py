"""Replacing a folder: what a failure costs is nothing. Tested with the exchange of names and without it."""

import errno
import os
import random
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kept.errors import WriteError
from kept.formats import folder_target as module
from kept.formats import temporary
from kept.formats.folder_target import FolderTarget

WAYS = ("exchange", "two steps")


def without_exchange(source, place, flag):
    return False


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Both ways to replace a folder."""
    if request.param == "two steps":
        monkeypatch.setattr(temporary, "_renameat2", without_exchange)
    return request.param


@pytest.fixture
def model(tmp_path):
    """A folder that holds nothing but a saved model with old content."""
    folder = tmp_path / "models" / "model"
    fill(folder, "old")
    return folder


def fill(folder, text):
    os.makedirs(f"{folder}/variables", exist_ok=True)
    for name in ("saved_model.pb", "variables/variables.index"):
        Path(folder, name).write_text(text)


def content(folder):
    return {Path(folder, name).read_text() for name in ("saved_model.pb", "variables/variables.index")}


def is_model(folder):
    return os.path.exists(os.path.join(folder, "saved_model.pb"))


def save(path, text="new", **options):
    with FolderTarget(path, may_replace=is_model, **options) as target:
        fill(target.folder, text)
        target.commit()


def refusal(path, **options):
    with pytest.raises(WriteError) as caught, FolderTarget(path, may_replace=is_model, **options):
        pass
    return caught.value


def test_commit_replaces_the_folder_and_leaves_nothing_else(model, way):
    save(model)
    assert content(model) == {"new"}
    assert os.listdir(model.parent) == ["model"]


def test_commit_creates_a_folder_that_was_not_there(model, way):
    save(f"{model}2/")
    assert content(f"{model}2") == {"new"}


def test_an_empty_folder_is_replaced(tmp_path, way):
    (tmp_path / "model").mkdir()
    save(tmp_path / "model")
    assert content(tmp_path / "model") == {"new"}


def test_leaving_without_commit_leaves_the_old_folder_alone(model, way):
    with FolderTarget(model, may_replace=is_model) as target:
        fill(target.folder, "new")
    assert content(model) == {"old"}
    assert os.listdir(model.parent) == ["model"]


def test_a_symbolic_link_is_followed_and_stays(model, way):
    link = model.parent.parent / "latest"
    link.symlink_to("models/model")
    save(link)
    assert os.readlink(link) == "models/model"
    assert content(model) == {"new"}


def test_the_mode_of_the_replaced_folder_is_kept(model, way):
    model.chmod(0o750)
    save(model)
    assert stat.S_IMODE(model.stat().st_mode) == 0o750


def test_a_new_folder_obeys_the_umask(model, way):
    before = os.umask(0o027)
    try:
        save(f"{model}2")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(f"{model}2").st_mode) == 0o750


def test_overwrite_false_creates_a_new_folder(model, way):
    save(f"{model}2", overwrite=False)
    assert content(f"{model}2") == {"new"}


def test_overwrite_false_refuses_an_existing_folder(model):
    assert str(refusal(model, overwrite=False)).splitlines() == [
        f"{model}: the folder exists and overwrite=False",
        "  expected  a path where nothing is yet",
        "  found     an existing folder",
        "  hint      pass overwrite=True to replace it, or choose another name",
    ]


def test_of_two_writers_with_overwrite_false_one_wins(model, way):
    path = f"{model}2"
    with FolderTarget(path, overwrite=False, may_replace=is_model) as first:
        fill(first.folder, "first")
        save(path, "second", overwrite=False)
        with pytest.raises(WriteError, match="overwrite=False"):
            first.commit()
    assert content(path) == {"second"}
    assert sorted(os.listdir(model.parent)) == ["model", "model2"]


def test_a_file_in_place_of_the_folder_is_refused(model):
    path = model / "saved_model.pb"
    assert str(refusal(path)).splitlines() == [
        f"{path}: a file is where the folder should be",
        "  expected  a folder, or nothing",
        "  found     a file",
        "  hint      remove the file, or choose another name",
    ]


def test_a_folder_that_is_no_model_is_never_replaced(tmp_path):
    for name in ("thesis.tex", "a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("ten years of work")
    assert str(refusal(tmp_path)).splitlines() == [
        f"{tmp_path}: the folder holds something else than a model",
        "  expected  a saved model, an empty folder, or nothing",
        "  found     a.txt, b.txt, c.txt and 1 more",
        f"  hint      name a folder inside it, as in {str(tmp_path / 'model')!r}",
    ]
    assert (tmp_path / "thesis.tex").exists()


def test_what_is_put_there_during_the_writing_is_not_replaced(model):
    with FolderTarget(model, may_replace=is_model) as target:
        (model / "saved_model.pb").rename(model / "thesis.tex")
        with pytest.raises(WriteError, match="something else"):
            target.commit()
    assert (model / "thesis.tex").exists()


def test_a_missing_folder_around_it_is_refused(tmp_path):
    assert refusal(tmp_path / "missing" / "model").errno == errno.ENOENT


def test_a_mounted_folder_is_refused():
    assert refusal("/proc").errno == errno.EBUSY


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_what_is_no_path_is_refused(path):
    assert refusal(path).message == "this is no path"


def test_a_second_step_that_fails_undoes_the_first(model, monkeypatch):
    monkeypatch.setattr(temporary, "_renameat2", without_exchange)
    rename = os.rename

    def second_fails(source, place):
        if ".kept-tmp" in str(source):
            raise OSError(errno.EIO, "broken")
        rename(source, place)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(WriteError, match="the device reported an error"):
        save(model)
    assert content(model) == {"old"}
    assert os.listdir(model.parent) == ["model"]


def test_a_folder_put_aside_by_a_killed_process_is_given_back(model):
    aside = model.with_name(f".model.{2**22 + 1}-7-{temporary._host()}-00c0ffee.kept-old")
    model.rename(aside)
    with FolderTarget(model, may_replace=is_model):
        pass
    assert content(model) == {"old"}
    assert os.listdir(model.parent) == ["model"]


def test_the_temporary_of_a_living_process_is_left_alone(model):
    parent = os.getppid()
    left = model.with_name(f".model.{parent}-{temporary._start_time(parent)}-{temporary._host()}-00c0ffee.kept-tmp")
    left.mkdir()
    save(model)
    assert left.is_dir()


LOOP = """
import sys
sys.path[:0] = sys.argv[3:]
from kept.formats import temporary
from test_folder_target import save
if sys.argv[2] == "two steps":
    temporary._renameat2 = lambda *_: False
print("ready", flush=True)
while True:
    save(sys.argv[1])
"""


@pytest.mark.parametrize("way", WAYS)
def test_kill_9_at_any_moment_loses_nothing(model, way):
    moments = random.Random(way)
    folders = [str(Path(module.__file__).parents[2]), str(Path(__file__).parent)]
    for _ in range(8):
        command = [sys.executable, "-c", LOOP, str(model), way, *folders]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(moments.uniform(0, 0.03))
            process.kill()
        with FolderTarget(model, may_replace=is_model):
            pass
        assert content(model) in ({"old"}, {"new"})
        assert os.listdir(model.parent) == ["model"]
