"""Replacing an index and all of its shards so that failing costs nothing: `kept.formats.target`, for sharded weights.

New shards have higher numbers than all that are there. So the old set is whole until the index is replaced, in one
step, and the new set is whole from then on; only then are the old shards removed. No name is used twice, so that a
process which is late removes nothing but what it has seen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count

from kept.errors import WriteError
from kept.formats import sharded_weights, temporary
from kept.formats.target import Target
from kept.formats.write_errors import writing

__all__ = ["ShardsTarget"]

_PATIENCE_S = 10.0
_EMPTY = "empty.h5"


class ShardsTarget:
    """The index that is to be written or replaced, with its shards; a context manager.

    Leaving the block without `commit` leaves everything as it was.

    Args:
        filepath: Where the index shall be; its shards lie beside it.
        overwrite: Whether an index that is there may be replaced.

    Attributes:
        path: The path as given.
        file: Where the new index is to be written, with its shards beside it: in a folder of its own.
        nbytes: Size of the new index and its shards, once they are in their places.

    Raises:
        WriteError: On entering, for everything that can be known before writing; later, for what could not.
    """

    def __init__(self, filepath: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        self.path = os.fsdecode(filepath)
        self.file = ""
        self.nbytes = 0
        self._index = Target(filepath, overwrite=overwrite, named=True)
        self._around = ExitStack()
        self._place = ""
        self._pid = -1

    def __enter__(self) -> ShardsTarget:
        if os.path.islink(self.path):
            raise WriteError(
                "the index is a symbolic link, and its shards would lie elsewhere",
                path=self.path,
                expected="a file, or nothing",
                found=f"a link to {os.path.realpath(self.path)}",
                hint="save to the path that it leads to",
            )
        with ExitStack() as around:
            around.enter_context(self._index)
            with writing(self.path):
                self._place = os.path.realpath(self.path)
                self._check_first_shard()
                folder = temporary.temporary_name(self._place)
                os.mkdir(folder, 0o700)
            self._pid = os.getpid()
            self.file = os.path.join(folder, os.path.basename(self._place))
            self._around = around.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        if self.file and self._pid == os.getpid():  # a forked child leaves its parent's temporary alone
            temporary.remove(os.path.dirname(self.file))
        self.file = ""
        self._around.close()

    def commit(self) -> None:
        """Puts the new index and its shards in the place of the old ones; what is loaded changes in one step."""
        with writing(self.path):
            shards = self._written()
            for shard in shards:
                self._settle(os.path.join(os.path.dirname(self.file), shard))
            with _alone_in(os.path.dirname(self._place)) as alone:
                if alone:
                    self._remove_left_behind()
                old, placed = sharded_weights.named_shards(self._place), dict[str, str]()
                try:
                    numbers = count(self._highest_number() + 1)
                    for shard in shards:
                        self._put(shard, placed, numbers)
                    temporary.sync_folder(os.path.dirname(self._place))
                    self._replace_index(placed)
                finally:
                    # Whatever was raised, and wherever: the index that is there now says which shards are in use.
                    for name in {*old, *placed.values()} - sharded_weights.named_shards(self._place):
                        self._drop(name)
        temporary.sync_folder(os.path.dirname(self._place))

    def _written(self) -> list[str]:
        names = set(os.listdir(os.path.dirname(self.file))) - {os.path.basename(self.file)}
        return sorted(names, key=lambda name: (len(name), name))

    def _settle(self, file: str) -> None:
        fd = os.open(file, os.O_RDONLY)
        try:
            os.fsync(fd)
            temporary.keep_permissions(fd, self._place, 0o666)
        finally:
            os.close(fd)

    def _highest_number(self) -> int:
        """Of all files that are named as shards of this index, and of all that it names; -1 where there are none."""
        names = {*os.listdir(os.path.dirname(self._place)), *sharded_weights.named_shards(self._place, empty=True)}
        numbers = (sharded_weights.shard_number(self._place, name) for name in names)
        return max((number for number in numbers if number is not None), default=-1)

    def _put(self, shard: str, placed: dict[str, str], numbers: Iterator[int]) -> None:
        """Gives a shard the first of the numbers that nobody has taken meanwhile."""
        for number in numbers:
            name = sharded_weights.shard_name(self._place, number)
            with suppress(FileExistsError):
                temporary.rename_new(os.path.join(os.path.dirname(self.file), shard), self._beside(name))
                placed[shard] = name
                return

    def _replace_index(self, placed: dict[str, str]) -> None:
        with open(self.file, "rb") as file:
            content = sharded_weights.renamed(file.read(), self._place, placed)
        with open(self._index.file, "wb") as file:
            file.write(content)
        self.nbytes = len(content) + sum(os.path.getsize(self._beside(name)) for name in placed.values())
        self._index.commit()

    def _beside(self, name: str) -> str:
        return os.path.join(os.path.dirname(self._place), name)

    def _drop(self, name: str) -> None:
        """Removes a shard whose weights nobody needs; the one that Keras opens all the same is emptied."""
        with suppress(OSError):  # what stays costs room, and nothing else
            if name not in sharded_weights.named_shards(self._place, empty=True):
                os.unlink(self._beside(name))
                return
            empty = os.path.join(os.path.dirname(self.file), _EMPTY)
            sharded_weights.stand_in(empty, self._place)
            self._settle(empty)
            os.replace(empty, self._beside(name))

    def _remove_left_behind(self) -> None:
        """Removes what a process that died in its `commit` has left."""
        named = sharded_weights.named_shards(self._place)
        for name in os.listdir(os.path.dirname(self._place)):
            if (
                name not in named
                and sharded_weights.shard_number(self._place, name) is not None
                and sharded_weights.owner_of(self._beside(name)) == os.path.basename(self._place)
            ):
                self._drop(name)

    def _check_first_shard(self) -> None:
        first = self._beside(sharded_weights.shard_name(self._place, 0))
        if not os.path.lexists(first) or os.path.basename(first) in sharded_weights.named_shards(self._place):
            return
        if not os.path.isfile(first) or sharded_weights.owner_of(first) is None:
            raise WriteError(
                "beside the index is a damaged file, and Keras opens it with every index of this name",
                path=self.path,
                expected="an HDF5 file, or nothing",
                found=first,
                hint="remove it, or choose another name",
            )


@contextmanager
def _alone_in(folder: str) -> Iterator[bool]:
    """Lets one process at a time replace shards in a folder; False where that cannot be had, which is safe too.

    Without it nobody takes another's name all the same; only what killed processes left is not cleared away.
    """
    try:
        import fcntl

        fd = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield False
        return
    try:
        yield _locked(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.flock)
    finally:
        os.close(fd)


def _locked(fd: int, how: int, lock: Callable[[int, int], None]) -> bool:
    """Waits a while: who keeps a folder for longer than a save needs has it for another reason."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        try:
            lock(fd, how)
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            return False
        else:
            return True
    return False
