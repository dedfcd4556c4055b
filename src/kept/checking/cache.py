"""What a check remembers from one run to the next: a folder that is safe to delete, and that git leaves alone.

There are two kinds of file in it, both JSON. One holds the findings of a whole run, under a key made of every byte that
they could hang on; it answers when nothing has changed. The other holds for each file its digest, its outline, its
findings and the files that its names led to; it tells what need not be judged again when some files have changed.
A file in it that is not as expected counts as absent. Nothing in it is ever run.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kept.checking.options import Options
from kept.findings import Finding
from kept.source.outline import Outline
from kept.version import __version__

__all__ = ["FOLDER", "Cache", "Memory", "digest", "stamp"]

FOLDER = ".kept_cache"
_MOST_BYTES = 256 << 20
_KEPT_FILES = 24
_ABANDONED_S = 3600
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# What `kept check` remembers. It is safe to delete.\n"
_MALFORMED = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one file.

    Attributes:
        digest: Of its content.
        outline: What others may import from it; None of a file that is not judged, or that cannot be read.
        findings: In the order of lines.
        consulted: Path -> digest, for the files that its names led to; "" where such a file could be and is not.
        is_judged: Whether the rules looked at it.
    """

    digest: str
    outline: Outline | None
    findings: tuple[Finding, ...]
    consulted: Mapping[str, str]
    is_judged: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The memory as JSON-able data."""
        outline = self.outline.to_dict() if self.outline else None
        return {
            "digest": self.digest, "outline": outline, "findings": [one.to_dict() for one in self.findings],
            "consulted": dict(self.consulted), "is_judged": self.is_judged,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Memory:
        """Reads what `to_dict` gave, also after a way through JSON."""
        outline = Outline.from_dict(data["outline"]) if data["outline"] else None
        findings = tuple(_finding(one) for one in data["findings"])
        if outline is not None:
            _require(str, outline.path, outline.name, *outline.bound, *outline.bound.values(), *outline.stars)
            _require(str, *outline.classes, *outline.registered)
        _require(str, *data["consulted"], *data["consulted"].values())
        return cls(str(data["digest"]), outline, findings, dict(data["consulted"]), bool(data["is_judged"]))


class Cache:
    """The folder of one project; without a folder, nothing is remembered.

    Args:
        root: Folder of the project; None for a cache that is always empty.
    """

    def __init__(self, root: str | None) -> None:
        self._folder = None if root is None else os.path.join(root, FOLDER)

    def findings(self, key: str, digest_of: Callable[[str], str]) -> list[Finding] | None:
        """The findings of a whole run; None where they are not remembered.

        Args:
            key: Of the run.
            digest_of: Gives the digest of a file outside the run, to see whether it has changed.
        """
        try:
            data = self._read(f"run-{key}.json")
            if data is None or any(digest_of(path) != seen for path, seen in data["consulted"].items()):
                return None
            return [_finding(one) for one in data["findings"]]
        except _MALFORMED:
            return None

    def keep_findings(self, key: str, findings: Iterable[Finding], consulted: Mapping[str, str]) -> None:
        """Remembers the findings of a whole run, and the digests of files outside it that they hang on."""
        self._write(f"run-{key}.json", {"findings": [one.to_dict() for one in findings], "consulted": dict(consulted)})

    def memories(self, key: str) -> dict[str, Memory]:
        """Path -> what is remembered of each file under a key of the options."""
        try:
            data = self._read(f"files-{key}.json")
            return {} if data is None else {path: Memory.from_dict(one) for path, one in data["files"].items()}
        except _MALFORMED:
            return {}

    def keep_memories(self, key: str, memories: Mapping[str, Memory]) -> None:
        """Remembers what is known of each file."""
        self._write(f"files-{key}.json", {"files": {path: one.to_dict() for path, one in memories.items()}})

    def _read(self, name: str) -> dict[str, Any] | None:
        if self._folder is None or os.path.islink(self._folder):
            return None
        path = os.path.join(self._folder, name)
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES:
                return None
            data: dict[str, Any] = json.loads(stream.read())
        with suppress(OSError):
            os.utime(path)  # what is used is not thrown away
        return data

    def _write(self, name: str, data: dict[str, Any]) -> None:
        """Writes one file whole or not at all; a folder that cannot be written is no reason to fail."""
        if self._folder is None:
            return
        temporary = os.path.join(self._folder, f".{name}.{os.getpid()}")
        try:
            self._make()
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "w", encoding="utf-8") as stream:
                stream.write(json.dumps(data, separators=(",", ":")))
            os.replace(temporary, os.path.join(self._folder, name))
            self._tidy()
        except (OSError, ValueError):
            with suppress(OSError):
                os.unlink(temporary)

    def _make(self) -> None:
        assert self._folder is not None
        if os.path.islink(self._folder):
            raise OSError("a link in the place of the cache is not followed")
        os.makedirs(self._folder, exist_ok=True)
        for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            path = os.path.join(self._folder, name)
            if not os.path.lexists(path):
                with open(path, "x", encoding="utf-8") as stream:
                    stream.write(text)

    def _tidy(self) -> None:
        """Removes what has not been used for longest, and what a killed process left."""
        assert self._folder is not None
        with os.scandir(self._folder) as entries:
            files = [
                (one.stat(follow_symlinks=False).st_mtime, one.path) for one in entries if one.name != ".gitignore"
            ]
        results = sorted(one for one in files if one[1].endswith(".json"))
        hidden = [
            path for used, path in files if os.path.basename(path)[0] == "." and time.time() - used > _ABANDONED_S
        ]
        for path in [path for _, path in results[:-_KEPT_FILES]] + hidden:
            with suppress(OSError):
                os.unlink(path)


def _finding(data: Mapping[str, Any]) -> Finding:
    """A finding as it was written, and of the types that every reader of findings counts on."""
    one = Finding.from_dict(data)
    place, fix = one.location, one.fix
    _require(str, one.code, one.rule, one.message, one.kind, one.stock, one.kept, *one.where, place.file, place.text)
    _require(int, place.line, place.column, place.end_column)
    if fix is not None:
        _require(str, fix.message, fix.code, *(text for edit in fix.edits for text in (edit.file, edit.text)))
        _require(
            int, *(number for edit in fix.edits for number in (edit.line, edit.column, edit.end_line, edit.end_column))
        )
    return one


def _require(kind: type, *values: object) -> None:
    if any(type(value) is not kind for value in values):
        raise TypeError


def digest(*contents: bytes) -> str:
    """A digest of some bytes, long enough that two files never share one by chance or design."""
    found = hashlib.blake2b(digest_size=20)
    for content in contents:
        found.update(len(content).to_bytes(8, "little"))
        found.update(content)
    return found.hexdigest()


def stamp(options: Options, folders: Iterable[str] = (), names: Sequence[str] = ()) -> str:
    """A digest of all that findings hang on beside what is in files: kept, Python, the options, what can be imported.

    Args:
        options: What is asked.
        folders: From which files import, beside those of installed packages.
        names: Paths of the files, and whatever else tells one run from another.
    """
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own = [_listed(os.path.join(home, part)) for part in ("", "checking", "rules", "rules/source", "source")]
    packages = [(folder, _importable(folder or ".")) for folder in (*sorted(folders), *sys.path)]
    parts = (__version__, sys.version, options.to_dict(), own, packages, names)
    return digest(json.dumps(parts, sort_keys=True).encode())


def _listed(folder: str) -> list[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        files = [(one.name, one.stat()) for one in entries if one.name.endswith((".py", ".json"))]
    return sorted((name, about.st_size, about.st_mtime_ns) for name, about in files)


def _importable(folder: str) -> list[str]:
    """Names of what can be imported from a folder, versions of installed packages among them."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith((".py", "-info")) or name.isidentifier())
    except OSError:
        return []
