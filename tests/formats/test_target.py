"""Replacing a file: its content, links, permissions, rescue. Tested with a nameless and with a named temporary."""

import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kept.errors import WriteError
from kept.formats import target as module
from kept.formats import temporary
from kept.formats.target import Target
from tests.formats import replacing
from tests.formats.replacing import output, refusal, save, strays

model, way = replacing.model, replacing.way


# Replacing


def test_commit_replaces_the_file_and_leaves_nothing_else(model, way):
    save(model)
    assert model.read_bytes() == b"new"
    assert strays(model) == []


def test_commit_creates_a_file_that_was_not_there(model, way):
    save(model.with_name("other.keras"))
    assert model.with_name("other.keras").read_bytes() == b"new"


def test_leaving_without_commit_leaves_the_old_file_alone(model, way):
    with Target(model) as target:
        Path(target.file).write_bytes(b"new")
    assert model.read_bytes() == b"old"
    assert strays(model) == []


def test_an_exception_in_the_block_leaves_the_old_file_and_is_passed_on(model, way):
    with pytest.raises(TypeError, match="get_config"), Target(model):
        raise TypeError("get_config")
    assert model.read_bytes() == b"old"
    assert strays(model) == []


def test_leaving_closes_the_descriptor(model, way):
    with Target(model) as target:
        fd = target.fd
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_nothing_is_seen_in_the_folder_before_commit(model):
    if module.open_unnamed(str(model.parent)) is None:
        pytest.skip("this file system has no O_TMPFILE")
    with Target(model) as target:
        Path(target.file).write_bytes(b"new")
        assert strays(model) == []


def test_the_named_temporary_is_hidden_and_private(model, monkeypatch):
    monkeypatch.setattr(module, "open_unnamed", lambda folder: None)
    with Target(model) as target:
        assert os.path.basename(target.file).startswith(".model.keras.")
        assert stat.S_IMODE(os.stat(target.file).st_mode) == 0o600


def test_a_name_can_be_asked_for(model):
    with Target(model, named=True) as target:
        assert os.path.realpath(target.file) == target.file
        Path(target.file).write_bytes(b"new")
        target.commit()
    assert model.read_bytes() == b"new"


def test_file_can_be_opened_again_and_again(model, way):
    with Target(model) as target:
        for text in ("first, and longer", "second"):
            Path(target.file).write_text(text)
        assert Path(target.file).read_text() == "second"
        target.commit()
    assert model.read_text() == "second"


def test_another_process_reads_the_content_through_the_descriptor(model, way):
    with Target(model) as target:
        Path(target.file).write_bytes(b"to be proven")
        code = f"print(open('/proc/self/fd/{target.fd}').read())"
        seen = subprocess.check_output([sys.executable, "-c", code], pass_fds=[target.fd], text=True)
    assert seen.strip() == "to be proven"


def test_a_forked_child_that_leaves_the_block_does_not_remove_the_temporary(model, way):
    code = """
with Target(path) as t:
    write(t, b"new")
    if os.fork() == 0:
        sys.exit()
    os.wait()
    t.commit()
"""
    output(code, model, way)
    assert model.read_bytes() == b"new"


def test_a_path_may_be_a_string_or_bytes_or_relative(model, way, monkeypatch):
    monkeypatch.chdir(model.parent)
    for path in (str(model), os.fsencode(model), "model.keras"):
        save(path, data=repr(path).encode())
        assert model.read_text() == repr(path)


def test_a_name_of_the_greatest_length_is_no_trouble(model, way):
    longest = model.with_name("m" * 249 + ".keras")
    save(longest)
    with Target(longest) as target:
        rescued = target.rescue(".keras")
    assert longest.read_bytes() == b"new"
    assert len(os.path.basename(rescued)) < 255


def test_a_second_commit_is_a_mistake_and_says_so(model, way):
    with Target(model) as target:
        Path(target.file).write_bytes(b"new")
        target.commit()
        with pytest.raises(ValueError, match="the target is closed"):
            target.commit()
    assert model.read_bytes() == b"new"


def test_a_commit_that_failed_can_be_tried_again(model, way):
    with Target(model) as target:
        Path(target.file).write_bytes(b"new")
        model.unlink()
        model.mkdir()
        with pytest.raises(WriteError, match="the path is a folder"):
            target.commit()
        model.rmdir()
        target.commit()
    assert model.read_bytes() == b"new"
    assert strays(model) == []


# Symbolic links and permissions


def test_a_symbolic_link_is_followed_and_stays(model, way):
    link = model.parent.parent / "latest.keras"
    link.symlink_to("models/model.keras")
    save(link)
    assert os.readlink(link) == "models/model.keras"
    assert model.read_bytes() == b"new"


def test_a_dangling_link_creates_the_file_it_points_to(model, way):
    link = model.parent.parent / "latest.keras"
    link.symlink_to("models/other.keras")
    save(link)
    assert link.is_symlink()
    assert model.with_name("other.keras").read_bytes() == b"new"


def test_the_mode_of_the_replaced_file_is_kept(model, way):
    model.chmod(0o640)
    save(model)
    assert stat.S_IMODE(model.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_owner_and_group_of_the_replaced_file_are_kept(model, way):
    os.chown(model, 1234, 4321)
    save(model)
    assert (model.stat().st_uid, model.stat().st_gid) == (1234, 4321)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_new_file_obeys_the_umask(model, way, mask, mode):
    before = os.umask(mask)
    try:
        save(model.with_name("other.keras"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(model.with_name("other.keras").stat().st_mode) == mode


def test_the_umask_is_read_and_left_as_it_was_where_the_system_has_no_proc(model, monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(temporary.Path, "read_text", missing)
    before = os.umask(0o027)
    save(model.with_name("other.keras"))
    assert os.umask(before) == 0o027
    assert stat.S_IMODE(model.with_name("other.keras").stat().st_mode) == 0o640


# overwrite=False


def test_overwrite_false_creates_a_new_file(model, way):
    save(model.with_name("other.keras"), overwrite=False)
    assert model.with_name("other.keras").read_bytes() == b"new"
    assert strays(model) == ["other.keras"]


def test_overwrite_false_refuses_an_existing_file_at_once(model, way):
    error = refusal(model, overwrite=False)
    assert error.errno == errno.EEXIST
    assert error.hint == "pass overwrite=True to replace it, or choose another name"


def test_of_two_writers_with_overwrite_false_one_wins(model, way):
    path = model.with_name("other.keras")
    with Target(path, overwrite=False) as first, Target(path, overwrite=False) as second:
        Path(first.file).write_bytes(b"first")
        first.commit()
        with pytest.raises(WriteError, match="overwrite=False"):
            second.commit()
    assert path.read_bytes() == b"first"
    assert strays(model) == ["other.keras"]


def test_overwrite_false_works_where_rename_cannot_be_told_to_refuse(model, monkeypatch):
    monkeypatch.setattr(module, "open_unnamed", lambda folder: None)
    monkeypatch.setattr(temporary, "_renameat2", lambda *_: False)
    path = model.with_name("other.keras")
    save(path, overwrite=False)
    assert path.read_bytes() == b"new"
    assert strays(model) == ["other.keras"]


# What others left behind


def leave_temporary(path, by, start=None):
    """A temporary as the process `by` would have made it."""
    start = temporary._start_time(by) or 77 if start is None else start
    mark = f"{by}-{start}-{temporary._host()}-00c0ffee"
    left = path.with_name(f".{path.name}.{mark}.kept-tmp")
    left.write_bytes(b"half")
    return left


def test_the_temporary_of_a_dead_process_is_removed(model, way):
    process = subprocess.Popen(["true"])
    process.wait()
    left = leave_temporary(model, process.pid)
    with Target(model):
        assert not left.exists()


def test_the_temporary_of_a_process_that_was_killed_but_not_yet_waited_for_is_removed(model, way):
    process = subprocess.Popen(["sleep", "60"])
    left = leave_temporary(model, process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with Target(model):
        assert not left.exists()
    process.wait()


def test_the_temporary_of_a_living_process_is_left_alone(model, way):
    left = leave_temporary(model, os.getppid())
    save(model)
    assert left.read_bytes() == b"half"


def test_a_process_number_in_use_again_is_not_mistaken_for_the_one_that_wrote(model, way):
    left = leave_temporary(model, os.getppid(), start=1)
    with Target(model):
        assert not left.exists()


def test_where_start_times_are_unknown_the_process_number_alone_decides(model, way):
    living = leave_temporary(model, os.getppid(), start=0)
    dead = leave_temporary(model, 2**22 + 1, start=0)
    with Target(model):
        assert (living.exists(), dead.exists()) == (True, False)


def test_the_temporary_of_another_machine_is_left_alone_for_a_day(model, way):
    left = model.with_name(".model.keras.1-1-0badcafe-00c0ffee.kept-tmp")
    left.write_bytes(b"half")
    with Target(model):
        assert left.exists()
    os.utime(left, (time.time() - 25 * 3600,) * 2)
    with Target(model):
        assert not left.exists()


def test_the_temporary_of_another_target_is_left_alone(model, way):
    left = leave_temporary(model.with_name("x" + model.name), 2**22 + 1)
    with Target(model):
        assert left.exists()


# Rescue


def test_rescue_keeps_the_content_beside_the_target(model, way):
    with Target(model) as target:
        Path(target.file).write_bytes(b"weights")
        rescued = Path(target.rescue(".weights.h5"))
    assert rescued.read_bytes() == b"weights"
    assert rescued.name.startswith("model.keras.rescue-")
    assert rescued.name.endswith(".weights.h5")
    assert model.read_bytes() == b"old"
    assert strays(model) == [rescued.name]


def test_rescue_never_overwrites(model, way, monkeypatch):
    drawn = iter(["7f3a", "7f3a", "0000", "7f3a", "0000", "1111"])
    monkeypatch.setattr(module.secrets, "token_hex", lambda count: next(drawn) if count == 2 else "00c0ffee")
    for content in ("one", "two", "three"):
        with Target(model) as target:
            Path(target.file).write_text(content)
            target.rescue(".keras")
    assert strays(model) == [f"model.keras.rescue-{digits}.keras" for digits in ("0000", "1111", "7f3a")]
    assert Path(f"{model}.rescue-7f3a.keras").read_text() == "one"


def test_rescue_of_a_new_target_leaves_the_target_missing(model, way):
    path = model.with_name("other.keras")
    with Target(path, overwrite=False) as target:
        rescued = target.rescue(".keras")
    assert not path.exists()
    assert strays(model) == [os.path.basename(rescued)]


def test_rescue_works_when_the_disk_refuses_to_sync(model, way, monkeypatch):
    def full(fd):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with Target(model) as target:
        Path(target.file).write_bytes(b"weights")
        rescued = Path(target.rescue(".keras"))
    assert rescued.read_bytes() == b"weights"
