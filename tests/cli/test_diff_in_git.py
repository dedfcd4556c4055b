"""`kept diff` as what git calls: textconv, external diff and difftool, in a real repository."""

import os
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest

from kept.formats.artifact import NewTensor
from tests.conftest import ROOT
from tests.inspecting.files import ARRAYS, SMALL, by_kept, layer, model

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

KEPT = f"{shlex.quote(sys.executable)} -m kept"


@pytest.fixture
def git(tmp_path):
    """A repository with a model in it, and git in it."""
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONPATH": str(ROOT / "src")}

    def run(*arguments):
        done = subprocess.run(["git", *arguments], cwd=tmp_path, env=os.environ | plain, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    run("init", "-q")
    run("config", "user.name", "somebody")
    run("config", "user.email", "somebody@example.org")
    (tmp_path / ".gitattributes").write_text("*.keras diff=keras\n")
    by_kept(tmp_path / "model.keras")
    run("add", ".")
    run("commit", "-qm", "A model")
    return run


@pytest.fixture
def changed(tmp_path):
    """The model has other weights and another setting."""
    arrays = ARRAYS | {"layers/scaled/vars/0": np.zeros(4, "float32")}
    layers = [*SMALL["config"]["layers"][:2], layer("Scaled", "scaled", None, rate=0.75, trainable=False)]
    config = model(*layers, compile_config=SMALL["compile_config"])
    by_kept(tmp_path / "model.keras", config=config, tensors={path: NewTensor.of(one) for path, one in arrays.items()})


def test_textconv_shows_settings_and_checksums_that_differ(git, changed):
    git("config", "diff.keras.textconv", f"{KEPT} diff --textconv")
    lines = git("diff").splitlines()
    assert "-  rate: 0.5" in lines
    assert "+  rate: 0.75" in lines
    assert sum(line.startswith("-  vars/0 float32 4 crc32:") for line in lines) == 1
    assert len([line for line in lines if line[:1] in "+-"]) == 6  # the names of the files, and these


def test_textconv_shows_the_same_file_without_a_difference(git, tmp_path):
    git("config", "diff.keras.textconv", f"{KEPT} diff --textconv")
    by_kept(tmp_path / "model.keras", assets={"words/vocabulary.txt": b"un\ndeux\n", "more.txt": b"1"})
    added = [line for line in git("diff").splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert added == ["+  more.txt 1 bytes"]


def test_an_external_diff_tells_what_kept_tells(git, changed):
    git("config", "diff.keras.command", f"{KEPT} diff --git")
    out = git("diff")
    assert out.startswith("a/model.keras and b/model.keras differ: settings of 1 layer, weights of 1 layer\n")
    assert "    rate  0.5 -> 0.75\n" in out


def test_an_external_diff_shows_the_log_with_new_renamed_and_deleted_files(git, changed, tmp_path):
    git("config", "diff.keras.command", f"{KEPT} diff --git")
    git("mv", "model.keras", "other.keras")
    git("commit", "-qam", "Renamed")
    git("rm", "-q", "other.keras")
    git("commit", "-qm", "Gone")
    out = git("log", "-p", "--ext-diff", "-M")
    assert "a/other.keras is gone\n" in out
    assert "a/model.keras and b/other.keras" in out or "b/other.keras is new" in out
    assert "b/model.keras is new\n" in out


def test_a_file_that_cannot_be_read_does_not_end_the_diff(git, tmp_path):
    git("config", "diff.keras.command", f"{KEPT} diff --git")
    (tmp_path / "model.keras").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / ".gitattributes").write_text("*.keras diff=keras\n# more\n")
    out = git("diff")
    assert "model.keras cannot be compared: " in out
    assert "+# more" in out


def test_a_difftool_compares_two_files(git, changed):
    git("config", "difftool.kept.cmd", f'{KEPT} diff "$LOCAL" "$REMOTE"')
    out = git("difftool", "--no-prompt", "--tool=kept")
    assert "differ: settings of 1 layer, weights of 1 layer" in " ".join(out.split())
