"""A target that cannot be written is refused with the old file untouched; what it is otherwise stays."""

import os
import shutil
import stat
import subprocess
import sys

import keras
import pytest

import kept
from kept.errors import KeptError, SerializationError, WriteError
from tests.conftest import QUIET, ROOT
from tests.runtime.failing import quickest

ANYONE = 0o640


@pytest.fixture(scope="module")
def model():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.fixture
def path(tmp_path):
    """A file with old content, alone in a folder."""
    (tmp_path / "models").mkdir()
    file = tmp_path / "models" / "model.keras"
    file.write_bytes(b"old")
    return file


def refusal(model, path, kind=WriteError, **options):
    """The lines of the error of a save that must fail, without the path; nothing was tried, so nothing is rescued."""
    with pytest.raises(KeptError) as caught:
        kept.save(model, path, **options)
    assert type(caught.value) is kind
    assert caught.value.rescue is None
    return str(caught.value).removeprefix(f"{path}: ").splitlines()


# What is refused before anything is written


def test_a_missing_folder_is_named_with_the_line_that_creates_it(model, tmp_path):
    folder = str(tmp_path / "missing")
    assert refusal(model, tmp_path / "missing" / "model.keras") == [
        "the folder does not exist",
        "  expected  an existing folder",
        f"  found     no folder {folder!r}",
        f"  hint      create it first: os.makedirs({folder!r}, exist_ok=True)",
    ]
    assert os.listdir(tmp_path) == []


def test_a_folder_where_the_file_should_be_is_left_alone(model, tmp_path):
    path = tmp_path / "model.keras"
    path.mkdir()
    assert refusal(model, path)[0] == "the path is a folder"
    assert os.listdir(tmp_path) == ["model.keras"]
    assert os.listdir(path) == []


def test_a_file_is_not_replaced_with_overwrite_false(model, path):
    assert refusal(model, path, overwrite=False) == [
        "the file exists and overwrite=False",
        "  expected  a path where nothing is yet",
        "  found     an existing file",
        "  hint      pass overwrite=True to replace it, or choose another name",
    ]
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["model.keras"]


@pytest.mark.parametrize("name", ["model.onnx", "model", "model.keras.bak", "model.weights.h5"])
def test_a_name_that_says_no_format_is_refused(model, path, name):
    lines = refusal(model, path.with_name(name), SerializationError)
    assert lines[1].startswith("  expected  a path ending in .keras")
    assert os.listdir(path.parent) == ["model.keras"]


def test_an_unknown_level_is_refused(model, path):
    lines = refusal(model, path, SerializationError, verify="thoroughly")
    assert lines == [
        "verify names no level",
        "  expected  structure, weights, outputs, resume, or False",
        "  found     'thoroughly'",
    ]
    assert path.read_bytes() == b"old"


# What the file is otherwise


def test_a_symbolic_link_is_followed_and_stays(model, path):
    link = path.parent.parent / "latest.keras"
    link.symlink_to(path)
    kept.save(model, link, verify=False)
    assert link.is_symlink()
    assert kept.load(path).count_params() == 8
    assert os.listdir(path.parent) == ["model.keras"]


def test_permissions_are_kept(model, path):
    path.chmod(ANYONE)
    kept.save(model, path, verify=False)
    assert stat.S_IMODE(path.stat().st_mode) == ANYONE
    assert path.read_bytes() != b"old"


# What is found out while writing

SAVE = """
import os, resource, sys
import keras, numpy as np
import kept

model = keras.Sequential([keras.Input((1000,)), keras.layers.Dense(1000)])
with open(sys.argv[1], "wb") as file:
    file.write(b"old")
exec(sys.argv[2])
try:
    if sys.argv[1].endswith(".json"):
        kept.save_weights(model, sys.argv[1], max_shard_size=0.004)
    else:
        kept.save(model, sys.argv[1])
except kept.KeptError as error:
    print(type(error).__name__, error.message, error.rescue, sep="|")
print(open(sys.argv[1], "rb").read() == b"old", os.listdir(os.path.dirname(sys.argv[1])))
"""


def told(path, before="", around=()):
    """What a process of its own says of a failing save of 4 MB."""
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT / "src"), "KERAS_BACKEND": quickest()}
    run = [*around, sys.executable, "-c", SAVE, str(path), before]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def mounting(command):
    """What starts a process in its own view of the system, in which something is mounted."""
    become_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    unshare = ["unshare", "--mount", *become_root, "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*unshare, command], capture_output=True).returncode:
        pytest.skip("this system does not let us mount")
    return [*unshare, f'{command} && exec "$@"', "sh"]


@pytest.fixture(params=["model.keras", "model.weights.json"])
def kind(path, request):
    """The file of a whole model, and the index of shards."""
    path.unlink()
    return path.with_name(request.param)


def test_the_limit_on_file_size_leaves_the_old_file(kind):
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))"
    refused = "WriteError|the file would exceed the limit on file size|None"
    assert told(kind, limit) == [refused, f"True ['{kind.name}']"]


def test_a_full_disk_leaves_the_old_file(kind):
    around = mounting(f"mount -t tmpfs -o size=1m none {kind.parent}")
    refused = "WriteError|no space left on the device|None"
    assert told(kind, "", around) == [refused, f"True ['{kind.name}']"]


def test_a_read_only_folder_leaves_the_old_file(kind):
    mount = f"mount -t tmpfs none {kind.parent}"
    around = mounting(mount)
    remount = f"import subprocess; subprocess.run(['mount', '-o', 'remount,ro', {str(kind.parent)!r}], check=True)"
    refused = "WriteError|the file system is read-only|None"
    assert told(kind, remount, around) == [refused, f"True ['{kind.name}']"]


# What plain Keras does


class Unwritable(keras.layers.Layer):
    """Its config holds what JSON cannot."""

    def get_config(self):
        return {**super().get_config(), "thing": object()}


def test_plain_keras_leaves_nothing_of_the_old_file_and_kept_leaves_all(path):
    model = keras.Sequential([keras.Input((3,)), Unwritable()])
    with pytest.raises(TypeError):
        model.save(path)
    assert path.read_bytes() == b""
    path.write_bytes(b"old")
    with pytest.raises(TypeError) as caught:
        kept.save(model, path, verify=False)
    assert path.read_bytes() == b"old"
    assert caught.value.rescue is not None
    assert sorted(os.listdir(path.parent)) == ["model.keras", os.path.basename(caught.value.rescue)]
