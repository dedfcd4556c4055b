"""Files behind URLs, through fsspec: what kept asks of them, within what time, and what it makes of a refusal.

fsspec is imported when the first URL is opened, and never for a path of this machine.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..errors import CorruptFileError, KeptError, MissingDependencyError, UnknownFormatError, shown
from .asking import Asking

__all__ = ["Remote"]

T = TypeVar("T")

_REQUEST_COUNT = 8
# By one of these a filesystem tells versions of a file apart; the size is compared wherever there is one.
_VERSIONS = ("ETag", "etag", "generation", "md5Hash", "mtime")
_PIP = re.compile(r"(?:pip install|[Ii]nstall) ([\w.\-\[\]]+)")
_SIGN_IN = "sign in as the library of this kind of URL expects it: variables of the environment, or its own files"


class Remote:
    """The filesystem behind one URL, as it is while one model is open: what it says of a file first must stay true.

    Args:
        url: Any URL that fsspec knows.
        seconds: The most that one request may take.

    Attributes:
        key: What the filesystem calls the place at the URL.
        pages: Parts of files that were read, by key and number; whoever reads them keeps them few.
        lock: Held by whoever looks into `pages`.

    Raises:
        MissingDependencyError: fsspec, or what it needs for this kind of URL, is not installed.
        UnknownFormatError: There is no such kind of URL.
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._seconds = seconds
        self._filesystem, key = _connected(url)
        self._asking = Asking(_REQUEST_COUNT if self._filesystem.async_impl else 1, seconds)
        self.key = key.rstrip("/") or key
        self._before, self._after = _around(url, self.key)
        self.pages: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self.lock = threading.RLock()
        self._told: dict[str, Mapping[str, Any] | None] = {}
        self._idle: dict[str, list[Any]] = {}
        self._taking = threading.Lock()
        self._ask(self.key, lambda: self._filesystem.invalidate_cache())

    def url(self, key: str) -> str:
        """The URL of a place on this filesystem."""
        return f"{self._before}{key}{self._after}"

    def kind(self, key: str) -> str:
        """`file`, `directory`, or nothing where nothing is."""
        told = self._info(key)
        return str(told["type"]) if told else ""

    def nbytes(self, key: str) -> int:
        """Size of a file.

        Raises:
            UnknownFormatError: There is no such file.
        """
        told = self._info(key)
        if told is None or told["type"] != "file":
            raise UnknownFormatError("no such file or folder" if told is None else "is a folder", path=self.url(key))
        if not isinstance(told.get("size"), int):
            raise KeptError("the server does not tell its size", path=self.url(key), hint="download it first")
        return int(told["size"])

    def names(self, key: str) -> dict[str, bool]:
        """What is in a folder: name -> whether it is a folder."""
        entries = self._ask(key, lambda: self._filesystem.ls(key, detail=True))
        named = {str(entry["name"]).rstrip("/"): entry["type"] == "directory" for entry in entries}
        return {name.rpartition("/")[2]: folder for name, folder in named.items() if name != key}

    def files(self, key: str) -> dict[str, int]:
        """Every file below a folder: path from it -> size."""
        found = self._ask(key, lambda: self._filesystem.find(key, detail=True))
        below = {str(name).removeprefix(key).lstrip("/"): told for name, told in found.items()}
        return {name: int(told.get("size") or 0) for name, told in sorted(below.items()) if name}

    def fill(self, key: str, parts: Sequence[tuple[int, memoryview]]) -> None:
        """Fills each buffer with the bytes of a file from a place on; several at once where the filesystem can do that.

        Raises:
            CorruptFileError: The file is shorter by now, or another one.
            KeptError: The network or the server refuses, or is silent for too long.
        """

        def filling(start: int, buffer: memoryview) -> Callable[[], None]:
            return lambda: self._fill(key, start, buffer)

        self._ask_all(key, [filling(start, buffer) for start, buffer in parts])

    def _fill(self, key: str, start: int, buffer: memoryview) -> None:
        data = self._range(key, start, start + len(buffer))
        if len(data) != len(buffer):
            found = f"{start + len(data)} bytes"
            raise CorruptFileError("the file was cut while it was read", path=self.url(key), found=found)
        buffer[:] = data

    def _range(self, key: str, start: int, stop: int) -> bytes:
        if not self._filesystem.async_impl:  # not made for several threads
            return bytes(self._filesystem.cat_file(key, start, stop, cache_type="none"))
        with self._taking:
            idle = self._idle.setdefault(key, [])
            file = idle.pop() if idle else None
        if file is None:
            file = self._filesystem.open(key, "rb", cache_type="none")
            self._refuse_another(key, getattr(file, "details", {}))
        file.seek(start)
        data = bytes(file.read(stop - start))
        with self._taking:
            self._idle[key].append(file)
        return data

    def _refuse_another(self, key: str, now: Mapping[str, Any]) -> None:
        then = self._info(key) or {}
        same = [then[name] == now[name] for name in ("size", *_VERSIONS) if name in then and name in now]
        if not all(same):
            raise _changed(self.url(key))

    def _info(self, key: str) -> Mapping[str, Any] | None:
        if key not in self._told:
            try:
                self._told[key] = self._ask(key, lambda: self._filesystem.info(key))
            except UnknownFormatError:
                self._told[key] = None
        return self._told[key]

    def _ask(self, key: str, call: Callable[[], T]) -> T:
        return self._ask_all(key, [call])[0]

    def _ask_all(self, key: str, calls: Sequence[Callable[[], T]]) -> list[T]:
        try:
            return self._asking.all(calls)
        except KeptError:
            raise
        except Exception as error:
            raise _refusal(error, self.url(key), self._seconds) from error


def _connected(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        hint = 'pip install "kept[remote]"'
        raise MissingDependencyError("fsspec opens URLs, and is not installed", path=url, hint=hint) from error
    try:
        filesystem, key = url_to_fs(url)
    except ImportError as error:
        named = _PIP.search(str(error))
        needed = named[1] if named else "the package that fsspec names"
        hint = f"pip install {needed}" if named else ""
        told = f"fsspec needs {needed} for such URLs, and it is not installed"
        raise MissingDependencyError(told, path=url, found=_line(error), hint=hint) from error
    except Exception as error:
        raise UnknownFormatError("fsspec cannot open such a URL", path=url, found=_line(error)) from error
    return filesystem, str(key)


def _around(url: str, key: str) -> tuple[str, str]:
    """What stands before and after the key in a URL; links of a chain follow after `::`."""
    url = url.rstrip("/")
    if url.endswith(key):
        return url.removesuffix(key), ""
    first, chained, rest = url.partition("::")
    if first.endswith(key):
        return first.removesuffix(key), chained + rest
    return url.partition("://")[0] + "://", ""


def _refusal(error: Exception, url: str, seconds: float) -> KeptError:
    """What a filesystem raises, as one error of kept; each library has its own, so names and texts must do."""
    text, name = _line(error), type(error).__name__
    if isinstance(error, FileNotFoundError):
        cause = error.__cause__
        if isinstance(cause, Exception) and type(cause).__module__.startswith("aiohttp") and _status(cause) != 404:
            return _refusal(cause, url, seconds)  # fsspec says so of whatever goes wrong with http
        return UnknownFormatError("no such file or folder", path=url)
    if name == "FileExpired" or "pre-conditions" in text:
        return _changed(url)
    if isinstance(error, PermissionError) or _status(error) in (401, 403) or "credential" in f"{name} {text}".lower():
        return KeptError("access is refused", path=url, found=text, hint=_SIGN_IN)
    if isinstance(error, TimeoutError):
        return KeptError(f"no answer within {seconds:g} s", path=url, hint="try again, or download it first")
    if isinstance(error, ImportError):
        return MissingDependencyError("a package that fsspec needs is not installed", path=url, found=text)
    return KeptError("cannot be read from there", path=url, found=text, hint="try again, or download it first")


def _status(error: Exception) -> int | None:
    found = getattr(error, "status", None)
    return found if isinstance(found, int) else None


def _changed(url: str) -> CorruptFileError:
    return CorruptFileError("the file was replaced while it was read", path=url, hint="open it again")


def _line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return shown(text or f"{type(error).__name__}: {error}".removesuffix(": "))[1:-1]
