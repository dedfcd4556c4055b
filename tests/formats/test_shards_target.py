"""Replacing an index and its shards: the old set or the new one is whole at every moment."""

import errno
import fcntl
import os
import random
import signal
import stat
import time
from contextlib import suppress

import h5py
import numpy as np
import pytest

from kept.errors import WriteError
from kept.formats import sharded_weights, temporary
from kept.formats import shards_target as module
from kept.formats.base import open_artifact
from kept.formats.shards_target import ShardsTarget
from kept.formats.target import Target
from tests.formats.samples import new_tensors

COUNT = 3
KILLS = 20
STEPS = 20
SAVES = 15
FIRST = "m_00000.weights.h5"


def save(path, fill=2.0, meanwhile=lambda: None, **options):
    """Writes three shards of one tensor each, all of them full of one number."""
    arrays = {f"layers/l{i}/vars/0": np.full(100, fill, "float32") for i in range(COUNT)}
    with ShardsTarget(path, **options) as target:
        sharded_weights.write(target.file, new_tensors(arrays), {}, record, shard_nbytes=400)
        meanwhile()
        target.commit()
    return target


def record(written):
    return {"tensors": {path: one.to_dict() for path, one in written.tensors.items()}}


def fills(path):
    """The numbers that a set holds, which are one and the same where it is whole."""
    with open_artifact(path) as artifact:
        assert len(artifact.tensors) == COUNT
        return {float(one) for tensor in artifact for one in tensor.read()}


def keras_opens(path):
    """Whether Keras, which opens shard 0 first and then those that the index names, finds HDF5 in each."""
    names = {FIRST, *sharded_weights.named_shards(str(path))}
    return all(h5py.is_hdf5(path.with_name(name)) for name in names)


def names(path):
    return sorted(os.listdir(path.parent))


def shards(*numbers):
    return [*(f"m_{number:05}.weights.h5" for number in numbers)]


@pytest.fixture
def index(tmp_path):
    """A folder that holds nothing but a set of three shards."""
    (tmp_path / "models").mkdir()
    path = tmp_path / "models" / "m.weights.json"
    save(path, 1.0)
    return path


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch):
    """What a process that dies leaves does not depend on it, and it is most of the time that a small save takes."""
    monkeypatch.setattr(os, "fsync", lambda fd: None)


def test_a_first_save_has_the_names_of_keras(index):
    assert names(index) == ["m.weights.json", *shards(0, 1, 2)]
    assert fills(index) == {1.0}


def test_a_set_is_replaced_by_one_of_other_names_and_the_old_is_removed(index):
    save(index, 2.0)
    assert names(index) == ["m.weights.json", *shards(0, 3, 4, 5)]
    save(index, 3.0)
    assert names(index) == ["m.weights.json", *shards(0, 6, 7, 8)]
    assert (fills(index), keras_opens(index)) == ({3.0}, True)


def test_the_first_shard_that_keras_opens_is_an_empty_one_once_it_is_not_needed(index):
    save(index, 2.0)
    with h5py.File(index.with_name(FIRST)) as store:
        assert list(store) == []


def test_the_size_is_that_of_index_and_shards(index):
    target = save(index)
    assert target.nbytes == sum(os.path.getsize(index.with_name(name)) for name in set(names(index)) - {FIRST})


def test_a_save_that_is_not_committed_leaves_everything(index):
    def fails():
        raise RuntimeError

    before = {name: index.with_name(name).read_bytes() for name in names(index)}
    with pytest.raises(RuntimeError):
        save(index, meanwhile=fails)
    assert {name: index.with_name(name).read_bytes() for name in names(index)} == before


def test_an_existing_index_is_kept_with_overwrite_false(index):
    with pytest.raises(WriteError, match="overwrite=False"):
        save(index, overwrite=False)
    assert fills(index) == {1.0}


def test_an_index_that_appears_meanwhile_is_kept_with_overwrite_false(index):
    path = index.with_name("n.weights.json")
    with pytest.raises(WriteError, match="overwrite=False"):
        save(path, meanwhile=lambda: path.write_text("mine"), overwrite=False)
    assert path.read_text() == "mine"
    assert names(index) == ["m.weights.json", *shards(0, 1, 2), "n.weights.json"]


def test_a_file_that_no_index_names_keeps_its_name_and_content(index):
    mine = index.with_name("m_00003.weights.h5")
    mine.write_bytes(b"epoch 3")
    save(index)
    assert mine.read_bytes() == b"epoch 3"
    assert names(index) == ["m.weights.json", *shards(0, 3, 4, 5, 6)]


def test_what_an_index_names_elsewhere_or_otherwise_is_never_removed(index):
    mine = index.parent.parent / "m_00000.weights.h5"
    mine.write_bytes(b"mine")
    index.with_name("other.h5").write_bytes(b"mine")
    index.write_text('{"weight_map": {"/a": "../m_00000.weights.h5", "/b": "other.h5"}}')
    save(index)
    assert mine.read_bytes() == index.with_name("other.h5").read_bytes() == b"mine"


def test_a_damaged_first_shard_that_no_index_names_is_told(tmp_path):
    index = tmp_path / "m.weights.json"
    index.with_name(FIRST).write_bytes(b"half")
    with pytest.raises(WriteError) as caught:
        save(index)
    assert str(caught.value).splitlines() == [
        f"{index}: beside the index is a damaged file, and Keras opens it with every index of this name",
        "  expected  an HDF5 file, or nothing",
        f"  found     {tmp_path}/{FIRST}",
        "  hint      remove it, or choose another name",
    ]
    assert os.listdir(tmp_path) == [FIRST]


def test_a_link_is_refused(index, tmp_path):
    (tmp_path / "latest.weights.json").symlink_to(index)
    with pytest.raises(WriteError, match="the index is a symbolic link"):
        save(tmp_path / "latest.weights.json")


def test_permissions_of_the_index_are_kept_and_its_shards_have_them(index):
    index.chmod(0o640)
    save(index)
    modes = {name: stat.S_IMODE(index.with_name(name).stat().st_mode) for name in names(index)}
    assert set(modes.values()) == {0o640}


# Dying and failing


def steps(monkeypatch, stop):
    """Calls `stop` with the number of each step that a commit takes, before it is taken."""
    count = iter(range(10**6))

    def stepping(call):
        def taking(*given, **more):
            stop(next(count))
            return call(*given, **more)

        return taking

    for owner, name in [
        (temporary, "rename_new"), (temporary, "sync_folder"), (temporary, "keep_permissions"), (os, "replace"),
        (os, "unlink"), (os, "fsync"), (Target, "commit"), (sharded_weights, "renamed"),
    ]:  # fmt: skip
        monkeypatch.setattr(owner, name, stepping(getattr(owner, name)))


def died_at(path, step, monkeypatch):
    """Lets a process die at one step of a save; whether the save took that many."""
    if (pid := os.fork()) == 0:
        steps(monkeypatch, lambda number: number == step and os._exit(9))
        save(path, 2.0)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9


def from_kept(index):
    """A set that has its shards under the names of a first one."""
    save(index, 1.0)


def from_kept_again(index):
    """A set that has an empty shard for Keras to open."""
    save(index, 0.0)
    save(index, 1.0)


def from_keras(index):
    """A set whose shards do not say whose they are."""
    save(index, 1.0)
    for path in index.parent.glob("*.h5"):
        with h5py.File(path, "a") as store:
            del store.attrs["kept_index"]


@pytest.mark.parametrize("old", [from_kept, from_kept_again, from_keras], ids=lambda old: old.__name__)
def test_death_at_any_step_leaves_a_whole_set(tmp_path, old, monkeypatch):
    found = []
    while True:
        path = tmp_path / str(len(found)) / "m.weights.json"
        path.parent.mkdir()
        old(path)
        if not died_at(path, len(found), monkeypatch):
            break
        assert keras_opens(path)
        found.append(min(fills(path)))
        save(path, 3.0)
        assert len(names(path)) <= COUNT + 2 or old is from_keras
    assert len(found) > STEPS
    assert found == sorted(found)
    assert set(found) == {1.0, 2.0}


def test_death_at_any_step_of_a_first_save_leaves_no_index_or_a_whole_set(tmp_path, monkeypatch):
    step = 0
    while True:
        path = tmp_path / str(step) / "m.weights.json"
        path.parent.mkdir()
        if not died_at(path, step, monkeypatch):
            break
        assert not path.exists() or (fills(path) == {2.0} and keras_opens(path))
        save(path, 3.0)
        assert len(names(path)) <= COUNT + 2
        assert fills(path) == {3.0}
        step += 1
    assert step > COUNT


def test_failing_at_any_step_leaves_a_whole_set_and_nothing_else(index, monkeypatch):
    found, step = set(), 0
    while not found or found != {2.0}:
        save(index, 1.0)
        with monkeypatch.context() as patch, suppress(WriteError):
            steps(patch, lambda number, step=step: failing(number == step))
            save(index, 2.0)
        found = fills(index)
        assert keras_opens(index)
        assert len(names(index)) <= COUNT + 2
        step += 1
    assert step > COUNT


def failing(now):
    if now:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def writer(path, fill, times=10**6):
    """A process of its own that saves two sets in turn."""
    pid = os.fork()
    if pid == 0:
        for count in range(times):
            save(path, fill + count % 2)
        os._exit(0)
    return pid


def ended(pid):
    """Whether a process has ended, as it should."""
    done, status = os.waitpid(pid, os.WNOHANG)
    assert status == 0
    return done == pid


def test_kill_9_at_any_moment_leaves_a_whole_set(index):
    moments = random.Random(KILLS)
    found = set()
    for _ in range(KILLS):
        pid = writer(index, 2.0)
        time.sleep(moments.uniform(0, 0.2))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        whole = fills(index)
        assert len(whole) == 1
        assert keras_opens(index)
        found |= whole
    save(index, 4.0)
    assert {2.0, 3.0} & found
    assert len(names(index)) == COUNT + 2


@pytest.mark.parametrize("locks", [True, False], ids=["locking", "not locking"])
def test_of_two_who_save_to_one_index_one_whole_set_wins_each_time(index, locks, monkeypatch):
    if not locks:
        monkeypatch.setattr(module, "_PATIENCE_S", 0)
    seen, working = set(), {writer(index, 2.0, SAVES), writer(index, 4.0, SAVES)}
    while working:
        whole = fills(index)
        assert len(whole) == 1
        seen |= whole
        working = {pid for pid in working if not ended(pid)}
    monkeypatch.undo()
    save(index, 6.0)
    assert {2.0, 4.0} & seen
    assert len(names(index)) == COUNT + 2


def test_a_folder_that_somebody_else_keeps_is_not_waited_for_long(index, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 0.1)
    held = os.open(index.parent, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    save(index, 2.0)
    os.close(held)
    assert fills(index) == {2.0}


def test_an_index_that_cannot_be_read_costs_no_shard(index, monkeypatch):
    def unreadable(path, *, empty=False):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch, pytest.raises(WriteError):
        save(index, meanwhile=lambda: patch.setattr(sharded_weights, "named_shards", unreadable))
    assert fills(index) == {1.0}
