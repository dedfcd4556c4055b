"""Temporaries beside a target: their names, who left them, and how they take its place.

A temporary is called `.{target}.{pid}-{start}-{host}-{random}.kept-tmp`. Process number and start time say whether the
process that made it still lives; the host says whether that question can be asked here.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path

__all__ = [
    "exchange",
    "keep_permissions",
    "remove",
    "rename_new",
    "shortened",
    "stale",
    "stale_in",
    "sync_folder",
    "temporary_name",
]

_NAME_LENGTH = 180  # bytes of the 255 that most file systems allow: the rest is for what kept adds
_FOREIGN_AGE_S = 24 * 3600
_RENAME_NOREPLACE, _RENAME_EXCHANGE = 1, 2
_AT_FDCWD = -100
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def temporary_name(place: str, kind: str = "tmp") -> str:
    """A new path beside `place`, marked as belonging to this process."""
    folder, name = os.path.split(place)
    pid = os.getpid()
    mark = f"{pid}-{_start_time(pid) or 0}-{_host()}-{secrets.token_hex(4)}"
    return os.path.join(folder, f".{shortened(name)}.{mark}.kept-{kind}")


def stale(place: str, kind: str = "tmp") -> list[str]:
    """The temporaries of `place` whose process is no more."""
    folder, name = os.path.split(place)
    return _stale(folder, re.escape(shortened(name)), kind)


def _stale(folder: str, name: str, kind: str) -> list[str]:
    pattern = re.compile(rf"\.{name}\.(\d+)-(\d+)-([0-9a-f]{{8}})-[0-9a-f]{{8}}\.kept-{kind}")
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if match := pattern.fullmatch(entry.name):
                pid, start, host = match.groups()
                if _is_left(entry, int(pid), int(start), host):
                    found.append(entry.path)
    return found


def stale_in(folder: str, kind: str = "tmp") -> list[str]:
    """The temporaries in a folder whose process is no more, whatever their targets are."""
    return _stale(folder, "[^/]+", kind)


def remove(path: str) -> None:
    """Removes a temporary, file or folder, as far as that is possible."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(path)


def shortened(name: str) -> str:
    """The name, or where kept's additions would make it too long, its beginning and a checksum."""
    raw = os.fsencode(name)
    if len(raw) <= _NAME_LENGTH:
        return name
    return f"{raw[: _NAME_LENGTH - 9].decode('utf-8', 'ignore')}~{zlib.crc32(raw):08x}"


def rename_new(source: str, place: str) -> None:
    """Renames, and raises FileExistsError where `place` is taken: of two who try, one wins."""
    if _renameat2(source, place, _RENAME_NOREPLACE):
        return
    if os.path.isdir(source):  # folders have no hard links; over a folder that is not empty this fails as well
        os.rename(source, place)
    else:
        os.link(source, place)
        os.unlink(source)


def exchange(one: str, other: str) -> bool:
    """Swaps two names in one step; False where the system cannot."""
    return _renameat2(one, other, _RENAME_EXCHANGE)


def keep_permissions(fd: int, place: str, fresh_mode: int) -> None:
    """Gives `fd` the mode, and where allowed owner and group, of what is at `place`, else the mode of a new file."""
    if os.name != "posix":
        return
    try:
        old = os.stat(place)
    except FileNotFoundError:
        mode = fresh_mode & ~_umask()
    else:
        mode = stat.S_IMODE(old.st_mode)
        for owner in (-1, old.st_uid):  # one may give a file to a group of one's own, but not to another owner
            with suppress(OSError):
                os.fchown(fd, owner, old.st_gid)
    with suppress(OSError):  # some file systems have no permissions
        os.fchmod(fd, mode)


def sync_folder(folder: str) -> None:
    """Makes renames in `folder` durable; where it cannot, a crash of the machine shows the old file or the new one."""
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _is_left(entry: os.DirEntry[str], pid: int, start: int, host: str) -> bool:
    if host == _host():
        return not _is_alive(pid, start)
    # Another machine or container, or this one before its last start: whether the process lives cannot be asked.
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > _FOREIGN_AGE_S


def _is_alive(pid: int, start: int) -> bool:
    if start:
        return _start_time(pid) == start
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _start_time(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None where there is none, or no /proc to ask."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        if fields[0] not in (b"Z", b"X"):
            return int(fields[19])
    return None


def _host() -> str:
    """Eight digits for the space in which a process number means something: machine, boot, container."""
    try:
        identity = Path("/proc/sys/kernel/random/boot_id").read_text() + os.readlink("/proc/self/ns/pid")
    except OSError:
        import platform

        identity = platform.node()
    return f"{zlib.crc32(identity.encode()):08x}"


def _umask() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(errors="replace").splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    mask = os.umask(0o077)  # elsewhere the only way to read it is to set it
    os.umask(mask)
    return mask


def _renameat2(source: str, place: str, flag: int) -> bool:
    """Calls renameat2(2); False where system or file system does not know it or the flag."""
    if sys.platform != "linux":
        return False
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(place), ctypes.c_uint(flag)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), source, None, place)
