"""Replacing a file: what a failure costs is nothing. Tested with a nameless and with a named temporary."""

import errno
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from kept.errors import WriteError
from kept.formats import target as module
from kept.formats.target import Target, writing
from tests.formats import replacing
from tests.formats.replacing import SOURCE, WAYS, command, output, refusal, save, start, strays

model, way = replacing.model, replacing.way


# What can be known at once


def test_a_missing_folder_is_named_with_the_line_that_creates_it(tmp_path, way):
    path = tmp_path / "missing" / "model.keras"
    folder = repr(str(tmp_path / "missing"))
    assert str(refusal(path)).splitlines() == [
        f"{path}: the folder does not exist",
        "  expected  an existing folder",
        f"  found     no folder {folder}",
        f"  hint      create it first: os.makedirs({folder}, exist_ok=True)",
    ]


def test_a_folder_in_place_of_the_file_is_refused(tmp_path, way):
    assert str(refusal(tmp_path)).splitlines() == [
        f"{tmp_path}: the path is a folder",
        "  expected  the path of a file",
        "  found     a folder",
        f"  hint      add a file name: {str(tmp_path / 'model.keras')!r}",
    ]


def test_a_trailing_slash_is_refused(model, way):
    assert str(refusal(f"{model}/")).splitlines() == [
        f"{model}/: the path ends with a slash",
        "  expected  the path of a file",
        "  found     the path of a folder",
        f"  hint      leave the slash out: {str(model)!r}",
    ]


def test_a_file_in_place_of_the_folder_is_refused(model, way):
    assert refusal(model / "model.keras").errno == errno.ENOTDIR


def test_a_pipe_is_refused_without_waiting_for_a_reader(model, way):
    pipe = model.with_name("pipe")
    os.mkfifo(pipe)
    assert str(refusal(pipe)).splitlines() == [
        f"{pipe}: the path is a special file",
        "  expected  an ordinary file, or nothing",
        "  found     a device, pipe or socket",
        "  hint      save to another path",
    ]


def test_devices_and_sockets_are_refused(model, monkeypatch):
    monkeypatch.chdir(model.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for path in ("/dev/null", "socket"):
            assert refusal(path).message == "the path is a special file"


def test_links_in_a_circle_are_refused(model, way):
    for name, other in (("a", "b"), ("b", "a")):
        model.with_name(name).symlink_to(other)
    assert refusal(model.with_name("a")).errno == errno.ELOOP


def test_a_name_that_is_too_long_is_refused_with_its_length(model, way):
    error = refusal(model.with_name("m" * 300))
    assert (error.errno, error.found) == (errno.ENAMETOOLONG, "300 bytes")


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_what_is_no_path_is_refused(path):
    assert refusal(path).message == "this is no path"


ENTER = "\ntry:\n    Target(path).__enter__()\nexcept WriteError as error:\n    print(error.errno)\n"


@pytest.fixture
def public():
    """A folder that other users can reach, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = Path(folder) / "model.keras"
        path.write_bytes(b"old")
        yield path
        os.chmod(folder, 0o755)


def as_nobody(path, way):
    return output("if os.geteuid() == 0:\n    os.seteuid(65534)" + ENTER, path, way)


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_without_write_permission_is_refused(public, way):
    public.chmod(0o666)
    public.parent.chmod(0o555)
    assert as_nobody(public, way) == str(errno.EACCES)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_without_write_permission_is_refused(public, way):
    public.chmod(0o444)
    public.parent.chmod(0o777)
    assert as_nobody(public, way) == str(errno.EACCES)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of another user")
def test_the_file_of_another_user_in_a_shared_folder_is_refused_before_anything_is_written(public):
    public.chmod(0o666)
    public.parent.chmod(0o1777)
    assert as_nobody(public, "named") == str(errno.EPERM)


# Failing later


def test_an_error_about_the_temporary_names_the_target(model, way):
    with pytest.raises(WriteError, match="no space left") as caught, Target(model) as target, writing(target.file):
        raise OSError(errno.ENOSPC, "full")
    assert caught.value.path == str(model)


def test_a_failing_replace_says_why_and_the_content_can_still_be_rescued(model, way, monkeypatch):
    def busy(*_):
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(os, "replace", busy)
    with Target(model) as target:
        Path(target.file).write_bytes(b"precious")
        with pytest.raises(WriteError, match="in use by the system"):
            target.commit()
        rescued = Path(target.rescue(".keras"))
    assert (model.read_bytes(), rescued.read_bytes()) == (b"old", b"precious")
    assert strays(model) == [rescued.name]


@pytest.mark.parametrize("call", ["fsync", "link", "replace"])
def test_a_failing_commit_leaves_the_old_file_and_no_other(model, monkeypatch, call):
    def fail(*_, **__):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(WriteError, match="the device reported an error") as caught:
        save(model)
    assert caught.value.errno == errno.EIO
    assert model.read_bytes() == b"old"
    assert strays(model) == []


def test_a_folder_put_there_during_the_writing_is_not_replaced(model, way):
    with Target(model) as target:
        model.unlink()
        model.mkdir()
        with pytest.raises(WriteError, match="the path is a folder"):
            target.commit()
    assert model.is_dir()
    assert strays(model) == []


FILL = """
try:
    with Target(path) as t:
        write(t, b"x" * 3_000_000)
        t.commit()
except WriteError as error:
    print(error.message, os.listdir(os.path.dirname(path)))
"""


@pytest.mark.parametrize("way", WAYS)
def test_the_limit_on_file_size_leaves_the_old_file(model, way):
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
    assert output(limit + FILL, model, way) == "the file would exceed the limit on file size ['model.keras']"
    assert model.read_bytes() == b"old"


def mounted(mount, code, model, way):
    """What a process prints whose own view of the system has something mounted over the model's folder."""
    become_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    unshare = ["unshare", "--mount", *become_root, "sh", "-c"]
    mount = mount.format(folder=model.parent)
    if not shutil.which("unshare") or subprocess.run([*unshare, mount], capture_output=True).returncode:
        pytest.skip("this system does not let us mount")
    script = f'{mount} && printf old > "$4" ; exec "$@"'
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    run = [*unshare, script, "sh", *command(code, model, way)]
    return subprocess.run(run, env=environment, text=True, stdout=subprocess.PIPE, check=True).stdout.strip()


@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk_leaves_the_old_file(model, way):
    then = "print(open(path).read())"
    told = mounted("mount -t tmpfs -o size=1m none {folder}", FILL + then, model, way)
    assert told == "no space left on the device ['model.keras']\nold"


@pytest.mark.parametrize("way", WAYS)
def test_a_read_only_file_system_is_refused(model, way):
    mount = "mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} 2>&1"
    assert mounted(mount, ENTER, model, way).splitlines()[-1] == str(errno.EROFS)


# Kill -9

LOOP = """
print("ready", flush=True)
for count in range(1, 10**9):
    with Target(path) as t:
        write(t, bytes([count % 250 + 1]) * 200_000)
        t.commit()
"""


def is_whole(path):
    content = path.read_bytes()
    return content == b"old" or content == content[:1] * 200_000


@pytest.mark.parametrize("way", WAYS)
def test_kill_9_at_any_moment_leaves_one_whole_file(model, way):
    moments = random.Random(way)
    for _ in range(30):
        with start(LOOP, model, way) as process:
            process.stdout.readline()
            time.sleep(moments.uniform(0, 0.02))
            process.kill()
        assert is_whole(model)
        with Target(model):
            pass
        assert strays(model) == []


def test_kill_9_during_writing_leaves_no_file_at_all(model):
    if module.open_unnamed(str(model.parent)) is None:
        pytest.skip("this file system has no O_TMPFILE")
    with start(
        "\nwith Target(path) as t:\n    write(t, b'x' * 99_999)\n    os.kill(os.getpid(), 9)\n", model
    ) as process:
        process.wait()
    assert process.returncode == -signal.SIGKILL
    assert os.listdir(model.parent) == ["model.keras"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["fsync", "fchmod", "link", "replace"])
def test_kill_9_between_any_two_steps_of_commit_leaves_one_whole_file(model, way, when, call):
    code = f"""
real = os.{call}
def deadly(*arguments, **options):
    if {when!r} == "after":
        real(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
os.{call} = deadly
with Target(path) as t:
    write(t, b"n" * 200_000)
    t.commit()
"""
    with start(code, model, way) as process:
        process.wait()
    assert is_whole(model)
    with Target(model):
        pass
    assert strays(model) == []


@pytest.mark.parametrize("way", WAYS)
def test_of_two_processes_that_commit_to_one_path_one_whole_file_wins_each_time(model, way):
    code = LOOP.replace("10**9", "51")
    writers = [start(code, model, way) for _ in range(2)]
    while any(writer.poll() is None for writer in writers):
        assert is_whole(model)
    assert [writer.communicate() and writer.returncode for writer in writers] == [0, 0]
    assert is_whole(model)
    assert strays(model) == []
